package io.tsdash.transport;

/**
 * What waits for the network.
 *
 * @param sum bytes of all sockets and streams
 * @param max bytes of the one of them that has most
 */
public record QueuedBytes(long sum, long max) {}
