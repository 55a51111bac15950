package io.tsdash.transport;

import io.tsdash.delta.ByteWriter;
import io.tsdash.delta.DeltaEncoder;
import io.tsdash.delta.Mantissas;
import io.tsdash.delta.RecordBuffer;
import io.tsdash.delta.RecordSchema;
import io.tsdash.delta.SchemaForm;
import io.tsdash.distribution.Channel;
import io.tsdash.distribution.MessageCodec;
import io.tsdash.distribution.NumberedRowVisitor;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.distribution.SnapshotReason;
import io.tsdash.distribution.StateChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Messages in the compact form of {@code docs/codecs.md}; a frame is their row. Single-threaded: the hub's. */
final class BinaryCodec implements MessageCodec {
    static final int DELTA = 0;
    static final int SNAPSHOT = 1;
    static final int RESUMED = 2;
    static final int JSON = 3;
    static final int TYPE_BITS = 2;

    /** So many bits of its position a client can check with each delta. */
    static final int CHECK_BITS = 6;

    static final int ANOTHER_ROW = 1;
    static final int REMOVED = 2;
    static final int ROW_BITS = 2;

    /** Their numbers on the wire are their places here. */
    static final List<SnapshotReason> REASONS =
            List.of(SnapshotReason.SUBSCRIBED, SnapshotReason.RESET, SnapshotReason.SLOW);

    private static final int FIRST_CAPACITY = 1 << 12;

    private final JsonCodec json = new JsonCodec(Protocol.BINARY);
    private final ByteWriter out = new ByteWriter(FIRST_CAPACITY);
    private final DeltaEncoder encoder = new DeltaEncoder(out);
    private final StateRows stateRows = new StateRows();

    @Override
    public byte[] control(ServerMessage message) {
        out.reset();
        out.writeVarint(JSON);
        out.writeBytes(json.control(message));
        return out.toByteArray();
    }

    @Override
    public byte[] resumed(Channel channel, long sequence) {
        begin(channel, RESUMED);
        announce(channel, sequence);
        return out.toByteArray();
    }

    @Override
    public byte[] snapshot(Channel channel, SnapshotReason reason) {
        begin(channel, SNAPSHOT);
        announce(channel, channel.sequence());
        out.write(REASONS.indexOf(reason));
        fields(channel);
        boolean isState = channel instanceof StateChannel;
        int[] rows = {0};
        channel.visitNumberedSnapshot(reason, (number, row, fields, removed, base) -> rows[0]++);
        out.writeVarint(rows[0]);
        channel.visitNumberedSnapshot(reason, (number, row, fields, removed, base) -> {
            if (isState) {
                out.writeVarint(number);
            }
            encoder.write(row, fields, null);
        });
        return out.toByteArray();
    }

    @Override
    public byte[] delta(Channel channel, long previous) {
        begin(channel, DELTA);
        long check = previous & ((1 << CHECK_BITS) - 1);
        out.writeVarint((channel.sequence() - previous - 1) << CHECK_BITS | check);
        if (channel instanceof StateChannel) {
            stateRows.begin();
            channel.visitDifferences(previous, stateRows);
        } else {
            channel.visitDifferences(
                    previous, (number, row, fields, removed, base) -> encoder.write(row, fields, base));
        }
        return out.toByteArray();
    }

    @Override
    public byte[] frame(List<byte[]> messages, String position) {
        int length = 0;
        for (byte[] message : messages) {
            length += message.length;
        }
        byte[] frame = new byte[length];
        int at = 0;
        for (byte[] message : messages) {
            System.arraycopy(message, 0, frame, at, message.length);
            at += message.length;
        }
        return frame;
    }

    private void begin(Channel channel, int type) {
        out.reset();
        out.writeVarint((long) channel.id() << TYPE_BITS | type);
    }

    private void announce(Channel channel, long sequence) {
        out.writeText(channel.name());
        out.writeText(channel.epoch());
        out.writeVarint(sequence);
    }

    private void fields(Channel channel) {
        RecordSchema schema = channel.schema();
        int key = 0;
        for (int i = 0; i < schema.size(); i++) {
            if (schema.name(i).equals(channel.key())) {
                key = i + 1;
            }
        }
        out.writeVarint(key);
        SchemaForm.write(schema, out);
    }

    /** Writes the rows of a state's delta; each says whether another follows, which only that one knows. */
    private final class StateRows implements NumberedRowVisitor {
        private int last;

        void begin() {
            last = -1;
        }

        @Override
        public void row(int number, RecordBuffer row, long fields, boolean removed, @Nullable Mantissas base) {
            if (last >= 0) {
                out.setBits(last, ANOTHER_ROW);
            }
            last = out.size();
            out.writeVarint((long) number << ROW_BITS | (removed ? REMOVED : 0));
            if (!removed) {
                encoder.write(row, fields, base);
            }
        }
    }
}
