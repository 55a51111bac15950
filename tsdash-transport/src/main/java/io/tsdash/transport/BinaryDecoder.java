package io.tsdash.transport;

import io.tsdash.delta.ByteReader;
import io.tsdash.delta.DeltaDecoder;
import io.tsdash.delta.RecordBuffer;
import io.tsdash.delta.RecordSchema;
import io.tsdash.delta.SchemaForm;
import io.tsdash.distribution.Position;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.error.InvalidInputException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads frames of the compact form. It keeps the rows that the differences are told to, also over reconnects; a delta
 * that does not follow comes out with a position that no client has, so that the gap is seen. Single-threaded.
 */
final class BinaryDecoder implements WireCodec.Decoder {
    private static final long NOWHERE = -1;

    private final Map<Long, Mirror> byId = new HashMap<>();
    private final Map<String, Mirror> byName = new HashMap<>();

    @Override
    public List<ServerMessage> decode(byte[] frame) {
        ByteReader in = new ByteReader(frame);
        List<ServerMessage> messages = new ArrayList<>();
        while (in.hasMore()) {
            int at = in.position();
            try {
                message(in, messages);
            } catch (IllegalArgumentException e) {
                throw new InvalidInputException("message at byte " + at + " was wrong: " + e.getMessage());
            }
        }
        return messages;
    }

    private void message(ByteReader in, List<ServerMessage> messages) {
        long head = in.readVarint();
        long id = head >>> BinaryCodec.TYPE_BITS;
        switch ((int) head & ((1 << BinaryCodec.TYPE_BITS) - 1)) {
            case BinaryCodec.DELTA -> messages.add(delta(in, id));
            case BinaryCodec.SNAPSHOT -> messages.add(snapshot(in, id));
            case BinaryCodec.RESUMED -> messages.add(resumed(in, id));
            default -> messages.addAll(MessageReader.read(in.readBytes()));
        }
    }

    private ServerMessage snapshot(ByteReader in, long id) {
        String channel = in.readText();
        Position position = new Position(in.readText(), in.readVarint());
        int reason = in.read();
        if (reason >= BinaryCodec.REASONS.size()) {
            throw InvalidInputException.of("reason", reason, "must be 0 to " + (BinaryCodec.REASONS.size() - 1));
        }
        int key = (int) Math.min(RecordSchema.FIELDS_MAX + 1L, in.readVarint());
        RecordSchema schema = SchemaForm.read(in);
        if (key < 0 || key > schema.size()) {
            throw InvalidInputException.of("key", key, "must be one of " + schema.size() + " fields, or 0");
        }
        Mirror mirror = new Mirror(channel, schema, key - 1, position);
        byId.put(id, mirror);
        byName.put(channel, mirror);
        List<Map<String, @Nullable Object>> rows = mirror.snapshot(in);
        String keyName = key == 0 ? "" : schema.name(key - 1);
        return new ServerMessage.Snapshot(channel, position, BinaryCodec.REASONS.get(reason), keyName, rows);
    }

    private ServerMessage resumed(ByteReader in, long id) {
        String channel = in.readText();
        Position position = new Position(in.readText(), in.readVarint());
        Mirror mirror = byName.get(channel);
        if (mirror == null) {
            throw new InvalidInputException("resumed was of '" + channel + "' but nothing is known of it");
        }
        byId.put(id, mirror);
        mirror.resume(position);
        return new ServerMessage.Resumed(channel, position);
    }

    private ServerMessage delta(ByteReader in, long id) {
        Mirror mirror = byId.get(id);
        if (mirror == null) {
            throw InvalidInputException.of("channel", id, "must have been named by snapshot or resumed before");
        }
        long head = in.readVarint();
        long advance = (head >>> BinaryCodec.CHECK_BITS) + 1;
        if (!mirror.follows((int) head & ((1 << BinaryCodec.CHECK_BITS) - 1))) {
            mirror.pass(in, advance);
            return new ServerMessage.Delta(mirror.channel, NOWHERE, NOWHERE, List.of());
        }
        long previous = mirror.sequence;
        List<Map<String, @Nullable Object>> rows = mirror.change(in, advance);
        return new ServerMessage.Delta(mirror.channel, previous, mirror.sequence, rows);
    }

    /** A channel's rows as the server knows that this client has them. */
    private static final class Mirror {
        final String channel;
        long sequence;
        private final RecordSchema schema;
        private final int key;
        private final String epoch;
        private final Map<Long, RecordBuffer> rows = new HashMap<>();
        private final RecordBuffer newest;
        private boolean broken;

        Mirror(String channel, RecordSchema schema, int key, Position position) {
            this.channel = channel;
            this.schema = schema;
            this.key = key;
            this.epoch = position.epoch();
            this.sequence = position.sequence();
            this.newest = new RecordBuffer(schema);
        }

        List<Map<String, @Nullable Object>> snapshot(ByteReader in) {
            List<Map<String, @Nullable Object>> all = new ArrayList<>();
            DeltaDecoder decoder = new DeltaDecoder(in);
            for (int left = in.readCount(1); left > 0; left--) {
                RecordBuffer row = newest;
                if (key >= 0) {
                    row = new RecordBuffer(schema);
                    rows.put(in.readVarint(), row);
                } else {
                    row.reset();
                }
                decoder.read(row);
                all.add(values(row, row.present()));
            }
            return all;
        }

        void resume(Position position) {
            broken = !position.epoch().equals(epoch) || position.sequence() != sequence;
        }

        boolean follows(int check) {
            broken |= (sequence & ((1 << BinaryCodec.CHECK_BITS) - 1)) != check;
            return !broken;
        }

        List<Map<String, @Nullable Object>> change(ByteReader in, long advance) {
            List<Map<String, @Nullable Object>> changed = key < 0 ? log(in, advance) : state(in);
            sequence += advance;
            return changed;
        }

        /** Reads over a delta that cannot be used. */
        void pass(ByteReader in, long advance) {
            DeltaDecoder decoder = new DeltaDecoder(in);
            if (key < 0) {
                for (long left = advance; left > 0; left--) {
                    decoder.pass(schema);
                }
                return;
            }
            long head;
            do {
                head = in.readVarint();
                if ((head & BinaryCodec.REMOVED) == 0) {
                    decoder.pass(schema);
                }
            } while ((head & BinaryCodec.ANOTHER_ROW) != 0);
        }

        private List<Map<String, @Nullable Object>> log(ByteReader in, long advance) {
            List<Map<String, @Nullable Object>> added = new ArrayList<>();
            DeltaDecoder decoder = new DeltaDecoder(in);
            for (long left = advance; left > 0; left--) {
                decoder.read(newest);
                added.add(values(newest, newest.present()));
            }
            return added;
        }

        private List<Map<String, @Nullable Object>> state(ByteReader in) {
            List<Map<String, @Nullable Object>> changed = new ArrayList<>();
            DeltaDecoder decoder = new DeltaDecoder(in);
            long head;
            do {
                head = in.readVarint();
                long number = head >>> BinaryCodec.ROW_BITS;
                if ((head & BinaryCodec.REMOVED) != 0) {
                    RecordBuffer gone = rows.remove(number);
                    if (gone != null) {
                        Map<String, @Nullable Object> row = values(gone, 1L << key);
                        row.put("removed", true);
                        changed.add(row);
                    }
                } else {
                    RecordBuffer row = rows.computeIfAbsent(number, any -> new RecordBuffer(schema));
                    changed.add(values(row, decoder.read(row) | 1L << key));
                }
            } while ((head & BinaryCodec.ANOTHER_ROW) != 0);
            return changed;
        }

        private Map<String, @Nullable Object> values(RecordBuffer row, long fields) {
            Map<String, @Nullable Object> values = new LinkedHashMap<>();
            for (long rest = fields; rest != 0; rest &= rest - 1) {
                int field = Long.numberOfTrailingZeros(rest);
                values.put(schema.name(field), row.isPresent(field) ? row.value(field) : null);
            }
            return values;
        }
    }
}
