package io.tsdash.distribution;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Messages as lines that a test can read. */
final class TextCodec implements MessageCodec {
    int encoded;

    @Override
    public byte[] control(ServerMessage message) {
        return bytes(message.toString());
    }

    @Override
    public byte[] snapshot(Channel channel, SnapshotReason reason) {
        encoded++;
        List<String> rows = new ArrayList<>();
        channel.visitSnapshot(reason, (row, fields, removed) -> rows.add(Long.toBinaryString(fields)));
        return bytes("snapshot " + channel.name() + " " + channel.sequence() + " " + reason + " " + rows);
    }

    @Override
    public byte[] delta(Channel channel, long previous) {
        encoded++;
        List<String> rows = new ArrayList<>();
        channel.visitChanges(
                previous,
                (row, fields, removed) -> rows.add(Long.toBinaryString(fields) + (removed ? " removed" : "")));
        return bytes("delta " + channel.name() + " " + previous + "-" + channel.sequence() + " " + rows);
    }

    @Override
    public byte[] frame(List<byte[]> messages, String position) {
        StringBuilder frame = new StringBuilder();
        messages.forEach(
                each -> frame.append(new String(each, StandardCharsets.UTF_8)).append('\n'));
        return bytes(frame.toString());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
