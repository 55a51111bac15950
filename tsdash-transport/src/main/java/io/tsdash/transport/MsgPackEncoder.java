package io.tsdash.transport;

import io.tsdash.delta.RecordBuffer;
import io.tsdash.delta.RecordSchema;
import io.tsdash.distribution.Channel;
import io.tsdash.distribution.MessageCodec;
import io.tsdash.distribution.Position;
import io.tsdash.distribution.RowVisitor;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.distribution.SnapshotReason;
import io.tsdash.model.Trade;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Consumer;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

/** Messages as MessagePack maps; a frame is an array of them. Single-threaded: the hub's. */
final class MsgPackEncoder implements MessageCodec {
    private static final byte INT64 = (byte) 0xd3;
    private static final int ARRAY_HEADER_MAX = 5;
    private static final int FIXED_ARRAY_MAX = 15;
    private static final byte FIXED_ARRAY = (byte) 0x90;
    private static final byte ARRAY32 = (byte) 0xdd;

    private final MessageBufferPacker out = MessagePack.newDefaultBufferPacker();
    private final byte[] time = new byte[1 + Long.BYTES];
    private final Map<RecordSchema, byte[][]> names = new WeakHashMap<>();

    @Override
    public byte[] control(ServerMessage message) {
        return encode(() -> {
            if (message instanceof ServerMessage.Hello hello) {
                begin("hello", 5);
                text("protocol", Protocol.MSGPACK);
                text("session", hello.session());
                number("heartbeatMillis", hello.heartbeatMillis());
                text("server", hello.server());
            } else if (message instanceof ServerMessage.Subscribed subscribed) {
                answer("subscribed", subscribed.id(), subscribed.channels());
            } else if (message instanceof ServerMessage.Unsubscribed unsubscribed) {
                answer("unsubscribed", unsubscribed.id(), unsubscribed.channels());
            } else if (message instanceof ServerMessage.Pong pong) {
                begin("pong", 2);
                number("id", pong.id());
            } else if (message instanceof ServerMessage.Resumed resumed) {
                begin("resumed", 4);
                text("channel", resumed.channel());
                position(resumed.position());
            } else if (message instanceof ServerMessage.Heartbeat heartbeat) {
                begin("heartbeat", 4);
                out.packString("time");
                time(heartbeat.timeNanos());
                number("conflated", heartbeat.conflated());
                number("queuedBytes", heartbeat.queuedBytes());
            } else if (message instanceof ServerMessage.Checksum checksum) {
                begin("checksum", 6);
                number("id", checksum.id());
                text("channel", checksum.channel());
                position(checksum.position());
                number("crc", checksum.crc());
            } else if (message instanceof ServerMessage.Authenticated authenticated) {
                begin("authenticated", 4);
                number("id", authenticated.id());
                text("user", authenticated.user());
                out.packString("expires");
                time(authenticated.expiresNanos());
            } else if (message instanceof ServerMessage.Ended ended) {
                begin("ended", 4);
                text("channel", ended.channel());
                number("code", ended.code());
                text("message", ended.message());
            } else if (message instanceof ServerMessage.GoAway goAway) {
                begin("goaway", 2);
                number("afterMillis", goAway.afterMillis());
            } else if (message instanceof ServerMessage.OrderAck ack) {
                begin("ack", 5);
                number("id", ack.id());
                text("clientOrderId", ack.clientOrderId());
                text("orderId", ack.orderId());
                text("status", ack.status().name());
            } else if (message instanceof ServerMessage.Failure failure) {
                begin("error", failure.id().isPresent() ? 5 : 4);
                if (failure.id().isPresent()) {
                    number("id", failure.id().getAsLong());
                }
                number("code", failure.code());
                text("message", failure.message());
                out.packString("retry").packBoolean(failure.retry());
            } else {
                throw new IllegalArgumentException("snapshots and deltas are encoded from their channels");
            }
        });
    }

    @Override
    public byte[] snapshot(Channel channel, SnapshotReason reason) {
        return encode(() -> {
            boolean keyed = !channel.key().isEmpty();
            begin("snapshot", keyed ? 7 : 6);
            text("channel", channel.name());
            position(new Position(channel.epoch(), channel.sequence()));
            text("reason", reason.name());
            if (keyed) {
                text("key", channel.key());
            }
            rows(visitor -> channel.visitSnapshot(reason, visitor));
        });
    }

    @Override
    public byte[] delta(Channel channel, long previous) {
        return encode(() -> {
            begin("delta", 5);
            text("channel", channel.name());
            number("prev", previous);
            number("seq", channel.sequence());
            rows(visitor -> channel.visitChanges(previous, visitor));
        });
    }

    @Override
    public byte[] frame(List<byte[]> messages, String position) {
        int length = ARRAY_HEADER_MAX;
        for (byte[] message : messages) {
            length += message.length;
        }
        ByteBuffer frame = ByteBuffer.allocate(length);
        if (messages.size() <= FIXED_ARRAY_MAX) {
            frame.put((byte) (FIXED_ARRAY | messages.size()));
        } else {
            frame.put(ARRAY32).putInt(messages.size());
        }
        messages.forEach(frame::put);
        return Arrays.copyOf(frame.array(), frame.position());
    }

    private byte[] encode(Packing packing) {
        try {
            out.clear();
            packing.pack();
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void begin(String type, int properties) throws IOException {
        out.packMapHeader(properties);
        text("type", type);
    }

    private void text(String name, String value) throws IOException {
        out.packString(name).packString(value);
    }

    private void number(String name, long value) throws IOException {
        out.packString(name).packLong(value);
    }

    private void answer(String type, long id, List<String> channels) throws IOException {
        begin(type, 3);
        number("id", id);
        out.packString("channels");
        texts(channels);
    }

    private void position(Position position) throws IOException {
        text("epoch", position.epoch());
        number("seq", position.sequence());
    }

    private void texts(List<String> values) throws IOException {
        out.packArrayHeader(values.size());
        for (String each : values) {
            out.packString(each);
        }
    }

    private void rows(Consumer<RowVisitor> rows) throws IOException {
        int[] count = {0};
        rows.accept((row, fields, removed) -> count[0]++);
        out.packString("rows").packArrayHeader(count[0]);
        rows.accept((row, fields, removed) -> {
            try {
                row(row, fields, removed);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private void row(RecordBuffer row, long fields, boolean removed) throws IOException {
        byte[][] packedNames = names.computeIfAbsent(row.schema(), MsgPackEncoder::packed);
        out.packMapHeader(Long.bitCount(fields) + (removed ? 1 : 0));
        for (long rest = fields; rest != 0; rest &= rest - 1) {
            int field = Long.numberOfTrailingZeros(rest);
            out.writePayload(packedNames[field]);
            if (row.isPresent(field)) {
                value(row, field);
            } else {
                out.packNil();
            }
        }
        if (removed) {
            out.packString("removed").packBoolean(true);
        }
    }

    private void value(RecordBuffer row, int field) throws IOException {
        switch (row.schema().kind(field)) {
            case DOUBLE -> out.packDouble(row.getDouble(field));
            case LONG -> count(row.getLong(field));
            case TIME, ID -> time(row.getLong(field));
            case BOOLEAN -> out.packBoolean(row.getBoolean(field));
            case TEXT -> out.packString(row.getText(field));
            case VERSION -> {
                if (row.getLong(field) == Trade.CANCELLED) {
                    out.packString("CANCELLED");
                } else {
                    count(row.getLong(field));
                }
            }
            case TEXTS -> texts(row.getTexts(field));
        }
    }

    /** The eight bytes of int 64 are for times and ids alone; a count that would need them is no count of ours. */
    private void count(long value) throws IOException {
        if (value < Integer.MIN_VALUE) {
            out.packDouble((double) value);
        } else {
            out.packLong(value);
        }
    }

    private void time(long value) throws IOException {
        time[0] = INT64;
        for (int i = 1; i <= Long.BYTES; i++) {
            time[i] = (byte) (value >>> (Long.SIZE - Byte.SIZE * i));
        }
        out.writePayload(time);
    }

    private static byte[][] packed(RecordSchema schema) {
        byte[][] packed = new byte[schema.size()][];
        for (int i = 0; i < packed.length; i++) {
            try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
                packer.packString(schema.name(i));
                packed[i] = packer.toByteArray();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return packed;
    }

    /** Writes one message. */
    @FunctionalInterface
    private interface Packing {
        void pack() throws IOException;
    }
}
