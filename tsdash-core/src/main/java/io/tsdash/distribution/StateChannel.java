package io.tsdash.distribution;

import io.tsdash.delta.ByteReader;
import io.tsdash.delta.ByteWriter;
import io.tsdash.delta.DeltaDecoder;
import io.tsdash.delta.DeltaEncoder;
import io.tsdash.delta.RecordBuffer;
import io.tsdash.delta.RecordHistory;
import io.tsdash.delta.RecordSchema;
import io.tsdash.delta.StateChecksum;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Rows by key, of which only the newest values count.
 *
 * <p>Each field knows the sequence of its last change, so the way from any earlier sequence to the present is known
 * without keeping history: a client that was away or slow gets one delta. Only removed rows need a memory, and that
 * is bounded: {@link #floor()} rises when one is forgotten.
 */
public final class StateChannel extends Channel {
    /** A client may be this many removals behind before it needs a snapshot. */
    private static final int REMOVALS_MAX = 256;

    /** Rows of which differences can be told; of bars few change at a time. */
    private static final int HISTORIES_MAX = 64;

    private final int keyField;
    private final int rowsMax;
    private final TreeMap<Object, Row> rows = new TreeMap<>();
    /** Of a copy, whose changes come by number; empty for others. */
    private final Map<Integer, Row> byNumber = new HashMap<>(0);

    private final ArrayDeque<Row> removals = new ArrayDeque<>(0);
    private final ArrayDeque<Row> withHistory = new ArrayDeque<>(0);
    private final Row newest;
    private int numbers;
    private long sequence;
    private long floor;
    private long changedAt;

    StateChannel(String name, RecordSchema schema, int keyField, int rowsMax, Channels owner) {
        super(name, "", schema, owner);
        this.keyField = keyField;
        this.rowsMax = rowsMax;
        this.newest = new Row(schema, -1);
    }

    /** One that came into being elsewhere. */
    StateChannel(String name, RecordSchema schema, int keyField, int rowsMax, long createdAt, Channels owner) {
        super(name, schema, createdAt, owner);
        this.keyField = keyField;
        this.rowsMax = rowsMax;
        this.newest = new Row(schema, -1);
    }

    /**
     * Returns the row of a key for changing; {@link #commit} makes the change count.
     *
     * @param key a text or a long, as the key field's kind says
     * @return empty when there is no such row and the channel is full; that is told to the listener
     */
    public Optional<RecordBuffer> row(Object key) {
        Row row = rows.get(key);
        if (row == null) {
            if (rows.size() >= rowsMax) {
                owner().refused(name(), "row was '" + key + "' but the channel holds at most " + rowsMax + " rows");
                return Optional.empty();
            }
            row = create(key);
        }
        return Optional.of(row.values);
    }

    /** Counts the change made to the row of a key; none if nothing differs. */
    public void commit(Object key) {
        Row row = rows.get(key);
        if (row != null) {
            commit(row);
        }
    }

    /** Removes a row, if it is there. */
    public void remove(Object key) {
        Row row = rows.get(key);
        if (row != null) {
            advance(row);
            remove(row, key);
        }
    }

    private void remove(Row row, Object key) {
        rows.remove(key);
        row.removed = true;
        row.values.reset();
        setKey(row.values, key);
        removals.addLast(row);
        if (removals.size() > REMOVALS_MAX) {
            Row forgotten = removals.removeFirst();
            forgotten.unlink();
            floor = forgotten.changed;
        }
    }

    /** Returns the number of rows. */
    public int size() {
        return rows.size();
    }

    /** Returns whether no further row fits. */
    public boolean isFull() {
        return rows.size() >= rowsMax;
    }

    /** Returns the smallest key, if there is a row. */
    public Optional<Object> firstKey() {
        return rows.isEmpty() ? Optional.empty() : Optional.of(rows.firstKey());
    }

    /** Returns the values of a row, for reading. */
    public Optional<RecordBuffer> find(Object key) {
        Row row = rows.get(key);
        return row == null ? Optional.empty() : Optional.of(row.values);
    }

    /** Returns the checksum of all rows, as {@link StateChecksum} describes it. */
    public long checksum() {
        Map<String, RecordBuffer> byText = new TreeMap<>();
        rows.forEach((key, row) -> byText.put(key.toString(), row.values));
        StateChecksum checksum = new StateChecksum();
        byText.values().forEach(checksum::add);
        return checksum.value();
    }

    @Override
    public long sequence() {
        return sequence;
    }

    @Override
    public String key() {
        return schema().name(keyField);
    }

    @Override
    public void visitSnapshot(SnapshotReason reason, RowVisitor visitor) {
        for (Row row : rows.values()) {
            visitor.row(row.values, row.values.present(), false);
        }
    }

    @Override
    public void visitChanges(long previous, RowVisitor visitor) {
        for (Row row = newest.older; row != newest && row.changed > previous; row = row.older) {
            if (row.removed) {
                visitor.row(row.values, 1L << keyField, true);
            } else if (row.created > previous) {
                visitor.row(row.values, row.fieldsWhenNew(), false);
            } else {
                visitor.row(row.values, row.changedSince(previous) | (1L << keyField), false);
            }
        }
    }

    @Override
    public void visitNumberedSnapshot(SnapshotReason reason, NumberedRowVisitor visitor) {
        for (Row row : rows.values()) {
            visitor.row(row.number, row.values, row.values.present(), false, null);
        }
    }

    @Override
    public void visitDifferences(long previous, NumberedRowVisitor visitor) {
        for (Row row = newest.older; row != newest && row.changed > previous; row = row.older) {
            if (row.removed) {
                visitor.row(row.number, row.values, 0, true, null);
            } else {
                RecordHistory history = history(row);
                long fields = row.created > previous ? row.fieldsWhenNew() : row.changedSince(previous);
                visitor.row(row.number, row.values, fields, false, history.at(previous));
                history.keep(row.values, row.changed);
            }
        }
    }

    @Override
    long floor() {
        return floor;
    }

    @Override
    long sequenceAt(long changes) {
        return changedAt <= changes ? sequence : -1;
    }

    @Override
    void writeKind(ByteWriter out) {
        out.writeVarint(keyField + 1L);
        out.writeVarint(rowsMax);
    }

    @Override
    void writeChanges(long previous, ByteWriter out) {
        int[] count = {0};
        visitChanges(previous, (row, fields, removed) -> count[0]++);
        out.writeVarint(count[0]);
        DeltaEncoder encoder = new DeltaEncoder(out);
        visitDifferences(previous, (number, row, fields, removed, base) -> {
            out.writeVarint((long) number << 1 | (removed ? 1 : 0));
            if (!removed) {
                encoder.write(row, fields, base);
            }
        });
    }

    /** All that changed counts as changed at the end: no reader stands in between. */
    @Override
    void readChanges(long advance, ByteReader in) {
        forgetEncoded();
        sequence += advance;
        changedAt = owner().changes();
        DeltaDecoder decoder = new DeltaDecoder(in);
        for (int left = in.readCount(1); left > 0; left--) {
            long head = in.readVarint();
            int number = (int) (head >>> 1);
            Row row = byNumber.get(number);
            if ((head & 1) == 0) {
                read(row == null ? new Row(schema(), number) : row, decoder);
            } else if (row != null) {
                row.change(sequence);
                row.linkAfter(newest);
                byNumber.remove(number);
                remove(row, keyOf(row));
            }
        }
    }

    private void read(Row row, DeltaDecoder decoder) {
        long fields = decoder.read(row.values);
        row.values.takeChanged();
        row.change(sequence);
        row.linkAfter(newest);
        row.changeFields(fields, sequence);
        if (row.created == 0) {
            row.created = sequence;
            Object key = keyOf(row);
            Row removal = takeRemoval(key);
            row.cameBack = removal != null;
            rows.put(key, row);
            keepNumber(row);
        }
    }

    private void keepNumber(Row row) {
        numbers = Math.max(numbers, row.number + 1);
        if (isCopy()) {
            byNumber.put(row.number, row);
        }
    }

    @Override
    void writeWhole(ByteWriter out) {
        out.writeVarint(sequence);
        out.writeVarint(floor);
        out.writeVarint(changedAt);
        out.writeVarint(numbers);
        int count = 0;
        for (Row row = newest.newer; row != newest; row = row.newer) {
            count++;
        }
        out.writeVarint(count);
        DeltaEncoder encoder = new DeltaEncoder(out);
        for (Row row = newest.newer; row != newest; row = row.newer) {
            out.writeVarint((long) row.number << 2 | (row.cameBack ? 2 : 0) | (row.removed ? 1 : 0));
            out.writeVarint(row.created);
            out.writeVarint(row.changed);
            encoder.write(row.values, row.values.present(), null);
        }
    }

    /** Each field counts as changed when its row was: some are sent again that a reader has. */
    @Override
    void readWhole(ByteReader in) {
        sequence = in.readVarint();
        floor = in.readVarint();
        changedAt = in.readVarint();
        numbers = (int) in.readVarint();
        DeltaDecoder decoder = new DeltaDecoder(in);
        for (int left = in.readCount(4); left > 0; left--) {
            long head = in.readVarint();
            Row row = new Row(schema(), (int) (head >>> 2));
            row.cameBack = (head & 2) != 0;
            row.removed = (head & 1) != 0;
            row.created = in.readVarint();
            row.changed = in.readVarint();
            decoder.read(row.values);
            row.values.takeChanged();
            row.linkAfter(newest);
            if (row.removed) {
                removals.addLast(row);
            } else {
                row.changeFields(schema().allFields(), row.changed);
                rows.put(keyOf(row), row);
                keepNumber(row);
            }
        }
    }

    private Row create(Object key) {
        Row row = revive(key);
        if (row == null) {
            row = new Row(schema(), numbers++);
        }
        setKey(row.values, key);
        rows.put(key, row);
        return row;
    }

    private RecordHistory history(Row row) {
        RecordHistory history = row.history;
        if (history == null) {
            history = new RecordHistory(schema());
            row.history = history;
            withHistory.addLast(row);
            if (withHistory.size() > HISTORIES_MAX) {
                withHistory.removeFirst().history = null;
            }
        }
        return history;
    }

    private @Nullable Row revive(Object key) {
        Row removal = takeRemoval(key);
        if (removal == null) {
            return null;
        }
        Row row = new Row(schema(), removal.number);
        row.cameBack = true;
        return row;
    }

    private @Nullable Row takeRemoval(Object key) {
        for (Row removal : removals) {
            if (keyOf(removal).equals(key)) {
                removals.remove(removal);
                removal.unlink();
                return removal;
            }
        }
        return null;
    }

    private void commit(Row row) {
        long mask = row.values.takeChanged();
        if (mask == 0) {
            return;
        }
        advance(row);
        if (row.created == 0) {
            row.created = sequence;
        }
        row.changeFields(mask, sequence);
    }

    private void advance(Row row) {
        sequence++;
        changedAt = owner().changed(this);
        row.change(sequence);
        row.linkAfter(newest);
    }

    private Object keyOf(Row row) {
        return switch (schema().kind(keyField)) {
            case TEXT -> row.values.getText(keyField);
            default -> row.values.getLong(keyField);
        };
    }

    private void setKey(RecordBuffer values, Object key) {
        if (key instanceof String text) {
            values.setText(keyField, text);
        } else if (key instanceof Long number) {
            values.setLong(keyField, number);
        } else {
            throw new IllegalArgumentException("key was '" + key + "' but " + key() + ", a " + schema().kind(keyField)
                    + "," + " takes text or long");
        }
    }

    /** A row and its place in the ring of rows, the one changed last first. */
    private static final class Row {
        final int number;
        final RecordBuffer values;
        final long[] fieldChanged;

        /** There once someone was told differences. */
        @Nullable
        RecordHistory history;

        long created;
        long changed;
        boolean removed;
        boolean cameBack;
        Row older = this;
        Row newer = this;

        Row(RecordSchema schema, int number) {
            this.number = number;
            values = new RecordBuffer(schema);
            fieldChanged = new long[schema.size()];
        }

        /** A row that came back may lack fields that the client still has: name them all, so that they vanish. */
        long fieldsWhenNew() {
            return cameBack ? values.schema().allFields() : values.present();
        }

        long changedSince(long previous) {
            long mask = 0;
            for (int i = 0; i < fieldChanged.length; i++) {
                if (fieldChanged[i] > previous) {
                    mask |= 1L << i;
                }
            }
            return mask;
        }

        void change(long sequence) {
            changed = sequence;
            if (history != null) {
                history.changed(sequence);
            }
            unlink();
        }

        void changeFields(long mask, long sequence) {
            for (long rest = mask; rest != 0; rest &= rest - 1) {
                fieldChanged[Long.numberOfTrailingZeros(rest)] = sequence;
            }
        }

        void unlink() {
            older.newer = newer;
            newer.older = older;
            older = this;
            newer = this;
        }

        void linkAfter(Row head) {
            older = head.older;
            newer = head;
            head.older.newer = this;
            head.older = this;
        }
    }
}
