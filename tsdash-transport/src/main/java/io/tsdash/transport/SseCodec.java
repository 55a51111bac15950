package io.tsdash.transport;

import io.tsdash.distribution.Channel;
import io.tsdash.distribution.MessageCodec;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.distribution.SnapshotReason;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The JSON messages as server-sent events. The last event of a frame carries the position of the stream, so a
 * connection that breaks within a frame resumes before it. Single-threaded: the hub's.
 */
final class SseCodec implements MessageCodec {
    private static final byte[] NOTHING = {};

    private final JsonCodec json = new JsonCodec(Protocol.JSON);

    @Override
    public byte[] control(ServerMessage message) {
        if (message instanceof ServerMessage.Heartbeat) {
            return event("heartbeat", json.control(message));
        }
        if (message instanceof ServerMessage.Resumed) {
            return event("resumed", json.control(message));
        }
        if (message instanceof ServerMessage.Failure) {
            return event("failure", json.control(message));
        }
        if (message instanceof ServerMessage.GoAway) {
            return event("goaway", json.control(message));
        }
        return NOTHING;
    }

    @Override
    public byte[] snapshot(Channel channel, SnapshotReason reason) {
        return event("snapshot", json.snapshot(channel, reason));
    }

    @Override
    public byte[] delta(Channel channel, long previous) {
        return event("delta", json.delta(channel, previous));
    }

    @Override
    public byte[] frame(List<byte[]> messages, String position) {
        byte[] id = position.isEmpty() ? NOTHING : ("id: " + position + "\n").getBytes(StandardCharsets.UTF_8);
        int length = id.length;
        for (byte[] message : messages) {
            length += message.length;
        }
        byte[] frame = new byte[length];
        int at = 0;
        for (int i = 0; i < messages.size(); i++) {
            if (i == messages.size() - 1) {
                System.arraycopy(id, 0, frame, at, id.length);
                at += id.length;
            }
            byte[] message = messages.get(i);
            System.arraycopy(message, 0, frame, at, message.length);
            at += message.length;
        }
        return frame;
    }

    static byte[] event(String name, byte[] data) {
        byte[] head = ("event: " + name + "\ndata: ").getBytes(StandardCharsets.UTF_8);
        byte[] event = new byte[head.length + data.length + 2];
        System.arraycopy(head, 0, event, 0, head.length);
        System.arraycopy(data, 0, event, head.length, data.length);
        event[event.length - 2] = '\n';
        event[event.length - 1] = '\n';
        return event;
    }
}
