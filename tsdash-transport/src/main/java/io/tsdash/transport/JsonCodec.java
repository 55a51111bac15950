package io.tsdash.transport;

import io.tsdash.distribution.Channel;
import io.tsdash.distribution.MessageCodec;
import io.tsdash.distribution.Position;
import io.tsdash.distribution.RowVisitor;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.distribution.SnapshotReason;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;

/** Messages as JSON; a frame is an array of them. Single-threaded: the hub's. */
final class JsonCodec implements MessageCodec {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(1 << 12);
    private final String subprotocol;

    /** @param subprotocol of the form that these messages are, or are part of: {@code hello} says it */
    JsonCodec(String subprotocol) {
        this.subprotocol = subprotocol;
    }

    @Override
    public byte[] control(ServerMessage message) {
        return encode(json -> control(json, message));
    }

    @Override
    public byte[] snapshot(Channel channel, SnapshotReason reason) {
        return encode(json -> {
            json.writeStringProperty("type", "snapshot");
            json.writeStringProperty("channel", channel.name());
            position(json, new Position(channel.epoch(), channel.sequence()));
            json.writeStringProperty("reason", reason.name());
            if (!channel.key().isEmpty()) {
                json.writeStringProperty("key", channel.key());
            }
            rows(json, visitor -> channel.visitSnapshot(reason, visitor));
        });
    }

    @Override
    public byte[] delta(Channel channel, long previous) {
        return encode(json -> {
            json.writeStringProperty("type", "delta");
            json.writeStringProperty("channel", channel.name());
            json.writeNumberProperty("prev", previous);
            json.writeNumberProperty("seq", channel.sequence());
            rows(json, visitor -> channel.visitChanges(previous, visitor));
        });
    }

    @Override
    public byte[] frame(List<byte[]> messages, String position) {
        int length = 1 + messages.size();
        for (byte[] message : messages) {
            length += message.length;
        }
        byte[] frame = new byte[length];
        int at = 0;
        for (byte[] message : messages) {
            frame[at] = (byte) (at == 0 ? '[' : ',');
            System.arraycopy(message, 0, frame, at + 1, message.length);
            at += 1 + message.length;
        }
        frame[at] = ']';
        return frame;
    }

    private byte[] encode(Consumer<JsonGenerator> properties) {
        out.reset();
        Json.write(out, json -> {
            json.writeStartObject();
            properties.accept(json);
            json.writeEndObject();
        });
        return out.toByteArray();
    }

    private void control(JsonGenerator json, ServerMessage message) {
        if (message instanceof ServerMessage.Hello hello) {
            json.writeStringProperty("type", "hello");
            json.writeStringProperty("protocol", subprotocol);
            json.writeStringProperty("session", hello.session());
            json.writeNumberProperty("heartbeatMillis", hello.heartbeatMillis());
            json.writeStringProperty("server", hello.server());
        } else if (message instanceof ServerMessage.Subscribed subscribed) {
            answer(json, "subscribed", subscribed.id(), subscribed.channels());
        } else if (message instanceof ServerMessage.Unsubscribed unsubscribed) {
            answer(json, "unsubscribed", unsubscribed.id(), unsubscribed.channels());
        } else if (message instanceof ServerMessage.Pong pong) {
            json.writeStringProperty("type", "pong");
            json.writeNumberProperty("id", pong.id());
        } else if (message instanceof ServerMessage.Resumed resumed) {
            json.writeStringProperty("type", "resumed");
            json.writeStringProperty("channel", resumed.channel());
            position(json, resumed.position());
        } else if (message instanceof ServerMessage.Heartbeat heartbeat) {
            json.writeStringProperty("type", "heartbeat");
            json.writeStringProperty("time", Long.toString(heartbeat.timeNanos()));
            json.writeNumberProperty("conflated", heartbeat.conflated());
            json.writeNumberProperty("queuedBytes", heartbeat.queuedBytes());
        } else if (message instanceof ServerMessage.Checksum checksum) {
            json.writeStringProperty("type", "checksum");
            json.writeNumberProperty("id", checksum.id());
            json.writeStringProperty("channel", checksum.channel());
            position(json, checksum.position());
            json.writeNumberProperty("crc", checksum.crc());
        } else if (message instanceof ServerMessage.Authenticated authenticated) {
            json.writeStringProperty("type", "authenticated");
            json.writeNumberProperty("id", authenticated.id());
            json.writeStringProperty("user", authenticated.user());
            json.writeStringProperty("expires", Long.toString(authenticated.expiresNanos()));
        } else if (message instanceof ServerMessage.Ended ended) {
            json.writeStringProperty("type", "ended");
            json.writeStringProperty("channel", ended.channel());
            json.writeNumberProperty("code", ended.code());
            json.writeStringProperty("message", ended.message());
        } else if (message instanceof ServerMessage.GoAway goAway) {
            json.writeStringProperty("type", "goaway");
            json.writeNumberProperty("afterMillis", goAway.afterMillis());
        } else if (message instanceof ServerMessage.OrderAck ack) {
            json.writeStringProperty("type", "ack");
            json.writeNumberProperty("id", ack.id());
            json.writeStringProperty("clientOrderId", ack.clientOrderId());
            json.writeStringProperty("orderId", ack.orderId());
            json.writeStringProperty("status", ack.status().name());
        } else if (message instanceof ServerMessage.Failure failure) {
            json.writeStringProperty("type", "error");
            if (failure.id().isPresent()) {
                json.writeNumberProperty("id", failure.id().getAsLong());
            }
            json.writeNumberProperty("code", failure.code());
            json.writeStringProperty("message", failure.message());
            json.writeBooleanProperty("retry", failure.retry());
        } else {
            throw new IllegalArgumentException("snapshots and deltas are encoded from their channels");
        }
    }

    private static void answer(JsonGenerator json, String type, long id, List<String> channels) {
        json.writeStringProperty("type", type);
        json.writeNumberProperty("id", id);
        json.writeName("channels");
        json.writeStartArray();
        channels.forEach(json::writeString);
        json.writeEndArray();
    }

    private static void position(JsonGenerator json, Position position) {
        json.writeStringProperty("epoch", position.epoch());
        json.writeNumberProperty("seq", position.sequence());
    }

    private static void rows(JsonGenerator json, Consumer<RowVisitor> rows) {
        json.writeName("rows");
        json.writeStartArray();
        rows.accept((row, fields, removed) -> Json.row(json, row, fields, removed));
        json.writeEndArray();
    }
}
