package io.tsdash.transport;

import io.tsdash.delta.RecordBuffer;
import io.tsdash.distribution.Channel;
import io.tsdash.distribution.MessageCodec;
import io.tsdash.distribution.Position;
import io.tsdash.distribution.RowVisitor;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.distribution.SnapshotReason;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Messages of {@code tsdash.proto}. Each is encoded as a field of a {@code ServerFrame}, so a frame is its messages one
 * after the other. Single-threaded: the hub's.
 */
final class ProtobufEncoder implements MessageCodec {
    private final ProtobufWriter out = new ProtobufWriter();

    @Override
    public byte[] control(ServerMessage message) {
        if (message instanceof ServerMessage.Hello hello) {
            return encode(1, () -> {
                out.textOrNone(1, Protocol.PROTOBUF);
                out.textOrNone(2, hello.session());
                out.integerOrNone(3, hello.heartbeatMillis());
                out.textOrNone(4, hello.server());
            });
        } else if (message instanceof ServerMessage.Subscribed subscribed) {
            return encode(2, () -> answer(subscribed.id(), subscribed.channels()));
        } else if (message instanceof ServerMessage.Unsubscribed unsubscribed) {
            return encode(3, () -> answer(unsubscribed.id(), unsubscribed.channels()));
        } else if (message instanceof ServerMessage.Pong pong) {
            return encode(4, () -> out.integerOrNone(1, pong.id()));
        } else if (message instanceof ServerMessage.Resumed resumed) {
            return encode(6, () -> {
                out.textOrNone(1, resumed.channel());
                position(2, resumed.position());
            });
        } else if (message instanceof ServerMessage.Heartbeat heartbeat) {
            return encode(8, () -> {
                out.integerOrNone(1, heartbeat.timeNanos());
                out.integerOrNone(2, heartbeat.conflated());
                out.integerOrNone(3, heartbeat.queuedBytes());
            });
        } else if (message instanceof ServerMessage.Failure failure) {
            return encode(9, () -> {
                failure.id().ifPresent(id -> out.integer(1, id));
                out.integerOrNone(2, failure.code());
                out.textOrNone(3, failure.message());
                out.integerOrNone(4, failure.retry() ? 1 : 0);
            });
        } else if (message instanceof ServerMessage.Checksum checksum) {
            return encode(10, () -> {
                out.integerOrNone(1, checksum.id());
                out.textOrNone(2, checksum.channel());
                position(3, checksum.position());
                out.integerOrNone(5, checksum.crc());
            });
        }
        return access(message);
    }

    private byte[] access(ServerMessage message) {
        if (message instanceof ServerMessage.Authenticated authenticated) {
            return encode(11, () -> {
                out.integerOrNone(1, authenticated.id());
                out.textOrNone(2, authenticated.user());
                out.integerOrNone(3, authenticated.expiresNanos());
            });
        } else if (message instanceof ServerMessage.Ended ended) {
            return encode(12, () -> {
                out.textOrNone(1, ended.channel());
                out.integerOrNone(2, ended.code());
                out.textOrNone(3, ended.message());
            });
        } else if (message instanceof ServerMessage.GoAway goAway) {
            return encode(13, () -> out.integerOrNone(1, goAway.afterMillis()));
        } else if (message instanceof ServerMessage.OrderAck ack) {
            return encode(14, () -> {
                out.integerOrNone(1, ack.id());
                out.textOrNone(2, ack.clientOrderId());
                out.textOrNone(3, ack.orderId());
                out.textOrNone(4, ack.status().name());
            });
        }
        throw new IllegalArgumentException("snapshots and deltas are encoded from their channels");
    }

    @Override
    public byte[] snapshot(Channel channel, SnapshotReason reason) {
        return encode(5, () -> {
            out.textOrNone(1, channel.name());
            position(2, new Position(channel.epoch(), channel.sequence()));
            out.integerOrNone(
                    4,
                    switch (reason) {
                        case SUBSCRIBED -> 0;
                        case RESET -> 1;
                        case SLOW -> 2;
                    });
            out.textOrNone(5, channel.key());
            rows(channel, 0, visitor -> channel.visitSnapshot(reason, visitor));
        });
    }

    @Override
    public byte[] delta(Channel channel, long previous) {
        return encode(7, () -> {
            out.textOrNone(1, channel.name());
            out.integerOrNone(2, previous);
            out.integerOrNone(3, channel.sequence());
            rows(channel, 1, visitor -> channel.visitChanges(previous, visitor));
        });
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

    private byte[] encode(int kind, Runnable fields) {
        out.clear();
        int element = out.begin(1);
        int message = out.begin(kind);
        fields.run();
        out.end(message);
        out.end(element);
        return out.toByteArray();
    }

    private void answer(long id, List<String> channels) {
        out.integerOrNone(1, id);
        channels.forEach(each -> out.text(2, each));
    }

    private void position(int field, Position position) {
        out.textOrNone(field, position.epoch());
        out.integerOrNone(field + 1, position.sequence());
    }

    private void rows(Channel channel, int type, Consumer<RowVisitor> rows) {
        Optional<ProtobufRows> typed = ProtobufRows.of(channel.schema());
        if (typed.isPresent()) {
            ProtobufRows form = typed.get();
            rows.accept((row, fields, removed) -> typed(form, type, row, fields, removed));
        } else {
            rows.accept(this::record);
        }
    }

    private void typed(ProtobufRows form, int type, RecordBuffer row, long fields, boolean removed) {
        int begun = out.begin(form.listField());
        for (long rest = fields & row.present(); rest != 0; rest &= rest - 1) {
            int field = Long.numberOfTrailingZeros(rest);
            int number = form.numbers()[field];
            switch (row.schema().kind(field)) {
                case DOUBLE -> out.number(number, row.getDouble(field));
                case LONG, TIME, ID, VERSION -> out.integer(number, row.getLong(field));
                case BOOLEAN -> out.flag(number, row.getBoolean(field));
                case TEXT -> out.text(number, row.getText(field));
                case TEXTS -> throw new IllegalStateException("no typed row has a list");
            }
        }
        if (form.listField() == ProtobufRows.PRICES.listField()) {
            out.integerOrNone(ProtobufRows.TYPE, type);
        }
        end(begun, row, fields, removed);
    }

    private void record(RecordBuffer row, long fields, boolean removed) {
        int begun = out.begin(ProtobufRows.RECORDS);
        for (long rest = fields & row.present(); rest != 0; rest &= rest - 1) {
            int field = Long.numberOfTrailingZeros(rest);
            int pair = out.begin(1);
            out.textOrNone(1, row.schema().name(field));
            switch (row.schema().kind(field)) {
                case DOUBLE -> out.number(2, row.getDouble(field));
                case LONG -> out.integer(3, row.getLong(field));
                case TIME -> out.integer(4, row.getLong(field));
                case ID -> out.integer(5, row.getLong(field));
                case VERSION -> out.integer(6, row.getLong(field));
                case BOOLEAN -> out.flag(7, row.getBoolean(field));
                case TEXT -> out.text(8, row.getText(field));
                case TEXTS -> {
                    int texts = out.begin(9);
                    row.getTexts(field).forEach(each -> out.text(1, each));
                    out.end(texts);
                }
            }
            out.end(pair);
        }
        end(begun, row, fields, removed);
    }

    private void end(int begun, RecordBuffer row, long fields, boolean removed) {
        for (long rest = fields & ~row.present(); rest != 0; rest &= rest - 1) {
            out.text(ProtobufRows.VANISHED, row.schema().name(Long.numberOfTrailingZeros(rest)));
        }
        if (removed) {
            out.flag(ProtobufRows.REMOVED, true);
        }
        out.end(begun);
    }
}
