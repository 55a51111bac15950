package io.tsdash.benchmarks;

import io.tsdash.distribution.Channel;
import io.tsdash.distribution.MessageCodec;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.distribution.SnapshotReason;
import io.tsdash.distribution.StateChannel;
import io.tsdash.transport.WireCodec;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** What the same updates cost without deltas: each changed row is sent whole, as JSON. */
final class WholeRows implements MessageCodec {
    private static final byte[] ROWS = "\"rows\":[".getBytes(StandardCharsets.UTF_8);
    private static final int END = "]}".length();
    private static long rows;

    private final MessageCodec json = WireCodec.json().encoder();
    private final boolean alone;

    private WholeRows(boolean alone) {
        this.alone = alone;
    }

    /** In the protocol's own messages, with channel and position. */
    static WholeRows inMessages() {
        return new WholeRows(false);
    }

    /** Nothing but the rows, in an array: what the plainest server would send. */
    static WholeRows alone() {
        return new WholeRows(true);
    }

    /** Returns how many rows were sent in messages. */
    static long rows() {
        return rows;
    }

    @Override
    public byte[] control(ServerMessage message) {
        return alone ? new byte[0] : json.control(message);
    }

    @Override
    public byte[] snapshot(Channel channel, SnapshotReason reason) {
        return stripped(json.snapshot(channel, reason));
    }

    @Override
    public byte[] delta(Channel channel, long previous) {
        if (!alone) {
            channel.visitChanges(previous, (row, fields, removed) -> rows++);
        }
        // A prices channel is one row, so its snapshot is the row whole; a log's delta has whole rows as it is.
        boolean state = channel instanceof StateChannel;
        return stripped(state ? json.snapshot(channel, SnapshotReason.SLOW) : json.delta(channel, previous));
    }

    @Override
    public byte[] frame(List<byte[]> messages, String position) {
        return json.frame(messages, position);
    }

    private byte[] stripped(byte[] message) {
        if (!alone) {
            return message;
        }
        for (int at = 0; at < message.length; at++) {
            if (Arrays.mismatch(message, at, Math.min(message.length, at + ROWS.length), ROWS, 0, ROWS.length) < 0) {
                return Arrays.copyOfRange(message, at + ROWS.length, message.length - END);
            }
        }
        throw new IllegalStateException("a message without rows");
    }
}
