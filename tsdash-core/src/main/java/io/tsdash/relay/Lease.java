package io.tsdash.relay;

/**
 * The right to write.
 *
 * @param term its number, one higher than that of the lease before
 * @param token tells it from all others
 * @param unbroken whether the log holds all that was ever written to it; false when it cannot say, as after a restart of
 *     its server, until a snapshot has been written
 */
public record Lease(long term, String token, boolean unbroken) {}
