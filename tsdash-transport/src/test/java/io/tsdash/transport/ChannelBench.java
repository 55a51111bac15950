package io.tsdash.transport;

import io.tsdash.delta.RecordBuffer;
import io.tsdash.delta.RecordSchema;
import io.tsdash.distribution.Channel;
import io.tsdash.distribution.Channels;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.LogChannel;
import io.tsdash.distribution.Position;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.distribution.SnapshotReason;
import io.tsdash.distribution.StateChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Channels of a hub that has no thread, to encode from; and what encoders must say, told without any form. */
final class ChannelBench implements AutoCloseable {
    static final String EPOCH = "k3f";

    private final Hub hub = Hub.builder().epoch(EPOCH).build();
    private final Channels channels;

    ChannelBench() {
        CompletableFuture<Channels> asked = hub.ask(all -> all);
        hub.doWork();
        channels = asked.join();
    }

    StateChannel state(String name, RecordSchema schema) {
        return channels.state(name, schema, 0, 1_000).orElseThrow();
    }

    LogChannel log(String name, RecordSchema schema) {
        return channels.log(name, schema, 1_000).orElseThrow();
    }

    static void set(StateChannel channel, Object key, Consumer<RecordBuffer> change) {
        change.accept(channel.row(key).orElseThrow());
        channel.commit(key);
    }

    /** Sets a field by name; null makes it absent. */
    static void put(RecordBuffer row, String name, @Nullable Object value) {
        int field = 0;
        while (!row.schema().name(field).equals(name)) {
            field++;
        }
        if (value instanceof Double number) {
            row.setDouble(field, number);
        } else if (value instanceof Long number) {
            row.setLong(field, number);
        } else if (value instanceof Boolean flag) {
            row.setBoolean(field, flag);
        } else if (value instanceof String text) {
            row.setText(field, text);
        } else {
            row.clear(field);
        }
    }

    static void append(LogChannel channel, Consumer<RecordBuffer> fill) {
        fill.accept(channel.next());
        channel.append();
    }

    /** The snapshot that a client must get. */
    static ServerMessage.Snapshot snapshot(Channel channel, SnapshotReason reason) {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        channel.visitSnapshot(reason, (row, fields, removed) -> rows.add(row(row, fields, removed)));
        return new ServerMessage.Snapshot(
                channel.name(), new Position(channel.epoch(), channel.sequence()), reason, channel.key(), rows);
    }

    /** The delta that a client must get. */
    static ServerMessage.Delta delta(Channel channel, long previous) {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        channel.visitChanges(previous, (row, fields, removed) -> rows.add(row(row, fields, removed)));
        return new ServerMessage.Delta(channel.name(), previous, channel.sequence(), rows);
    }

    private static Map<String, @Nullable Object> row(RecordBuffer row, long fields, boolean removed) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (int i = 0; i < row.schema().size(); i++) {
            if ((fields & 1L << i) != 0) {
                values.put(row.schema().name(i), row.isPresent(i) ? row.value(i) : null);
            }
        }
        if (removed) {
            values.put("removed", true);
        }
        return values;
    }

    @Override
    public void close() {
        hub.close();
    }
}
