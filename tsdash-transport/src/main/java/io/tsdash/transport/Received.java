package io.tsdash.transport;

import io.tsdash.client.Replica;
import io.tsdash.distribution.ServerMessage;

/**
 * A message that a {@link TsdashClient} has received and applied to its replica.
 *
 * @param message what the server said
 * @param outcome what it meant for the replica
 * @param dropped how many messages the publisher that this comes by had dropped before it, since it began; the replica
 *     has them all
 */
public record Received(ServerMessage message, Replica.Outcome outcome, long dropped) {}
