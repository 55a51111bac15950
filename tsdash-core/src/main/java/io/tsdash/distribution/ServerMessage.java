package io.tsdash.distribution;

import io.tsdash.orders.OrderStatus;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What a server says to a session, free of any codec; {@code docs/protocol.md} section 3 says what each means.
 *
 * <p>A row is a map from field name to {@link Double}, {@link Long}, {@link Boolean}, {@link String} or a list of
 * texts; null says that the field vanished. Immutable.
 */
public sealed interface ServerMessage {

    /**
     * The first message of a session.
     *
     * @param session its name in the server's logs
     * @param heartbeatMillis how often a heartbeat comes
     * @param server name and version
     */
    record Hello(String session, long heartbeatMillis, String server) implements ServerMessage {}

    /**
     * The answer to subscribe.
     *
     * @param id of the command
     * @param channels as asked for
     */
    record Subscribed(long id, List<String> channels) implements ServerMessage {}

    /**
     * The answer to unsubscribe.
     *
     * @param id of the command
     * @param channels as asked for
     */
    record Unsubscribed(long id, List<String> channels) implements ServerMessage {}

    /**
     * The answer to ping.
     *
     * @param id of the command
     */
    record Pong(long id) implements ServerMessage {}

    /**
     * The whole of a channel at a position.
     *
     * @param channel its name
     * @param position where it stands
     * @param reason why it is sent
     * @param key name of the field that tells rows apart; empty for a log
     * @param rows all rows of a state, the newest of a log
     */
    record Snapshot(
            String channel,
            Position position,
            SnapshotReason reason,
            String key,
            List<Map<String, @Nullable Object>> rows)
            implements ServerMessage {}

    /**
     * The position that a client said is known; what it missed follows.
     *
     * @param channel its name
     * @param position as the client said
     */
    record Resumed(String channel, Position position) implements ServerMessage {}

    /**
     * The change from one sequence to another.
     *
     * @param channel its name
     * @param previous the sequence that it starts from
     * @param sequence the sequence after it
     * @param rows changed fields of changed rows, or the log's rows in order
     */
    record Delta(String channel, long previous, long sequence, List<Map<String, @Nullable Object>> rows)
            implements ServerMessage {}

    /**
     * A sign of life.
     *
     * @param timeNanos the server's clock, nanoseconds since the epoch
     * @param conflated updates that were never sent because a newer value of the same row replaced them
     * @param queuedBytes what waits for the network
     */
    record Heartbeat(long timeNanos, long conflated, long queuedBytes) implements ServerMessage {}

    /**
     * The checksum of a state channel that the client asked for.
     *
     * @param id of the command
     * @param channel its name
     * @param position of the state that it is of; the client has it when this comes
     * @param crc CRC-32 of the state's text, see {@link io.tsdash.delta.StateChecksum}
     */
    record Checksum(long id, String channel, Position position, long crc) implements ServerMessage {}

    /**
     * The answer to authenticate.
     *
     * @param id of the command
     * @param user who the client is to the server
     * @param expiresNanos when the token ends, nanoseconds since the epoch
     */
    record Authenticated(long id, String user, long expiresNanos) implements ServerMessage {}

    /**
     * A subscription that the server has ended.
     *
     * @param channel as it was subscribed to
     * @param code see {@link WireCode}
     * @param message why
     */
    record Ended(String channel, int code, String message) implements ServerMessage {}

    /**
     * The server goes; the connection is closed with 4001 when the time is over.
     *
     * @param afterMillis how long it still works
     */
    record GoAway(long afterMillis) implements ServerMessage {}

    /**
     * A command about an order was done.
     *
     * @param id of the command
     * @param clientOrderId of the order
     * @param orderId the gateway's name for it
     * @param status ACCEPTED or CANCELLED
     */
    record OrderAck(long id, String clientOrderId, String orderId, OrderStatus status) implements ServerMessage {}

    /**
     * A command that failed.
     *
     * @param id of the command; empty when it could not be read
     * @param code see {@link WireCode}
     * @param message value and rule
     * @param retry whether trying again can help
     */
    record Failure(OptionalLong id, int code, String message, boolean retry) implements ServerMessage {}
}
