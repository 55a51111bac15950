package io.tsdash.distribution;

import io.tsdash.delta.ByteReader;
import io.tsdash.delta.ByteWriter;
import io.tsdash.delta.DeltaDecoder;
import io.tsdash.delta.DeltaEncoder;
import io.tsdash.delta.RecordBuffer;
import io.tsdash.delta.RecordSchema;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Rows in sequence, none of which may be left out. The newest are kept in a ring, from which clients resume.
 *
 * <p>The ring is also the queue of slow sessions: before rows are overwritten that someone has not got, the hub sends
 * them, or closes who cannot take them.
 */
public final class LogChannel extends Channel {
    /**
     * A newcomer sees this many rows at most: enough for a page, little for a wire. Who was here before, or with another server
     * of the same channels, sees all that are kept, and finds among them what was missed.
     */
    private static final int SNAPSHOT_ROWS_MAX = 50;

    private static final int FIRST_SIZE = 16;

    private final int rowsMax;
    private final int snapshotRowsMax;
    private @Nullable RecordBuffer[] ring;
    private long[] changedAt;
    private long sequence;
    private long forgottenAt;
    private int sinceFlush;

    LogChannel(String name, RecordSchema schema, int rowsMax, Channels owner) {
        this(name, "", schema, rowsMax, Math.min(SNAPSHOT_ROWS_MAX, rowsMax), owner);
    }

    /** A user's own, which shows a newcomer all the rows that it keeps. */
    LogChannel(String name, String user, RecordSchema schema, int rowsMax, Channels owner) {
        this(name, user, schema, rowsMax, rowsMax, owner);
    }

    private LogChannel(
            String name, String user, RecordSchema schema, int rowsMax, int snapshotRowsMax, Channels owner) {
        super(name, user, schema, owner);
        this.rowsMax = rowsMax;
        this.snapshotRowsMax = snapshotRowsMax;
        this.ring = new RecordBuffer[sizeFor(0)];
        this.changedAt = new long[ring.length];
    }

    /** One that came into being elsewhere. */
    LogChannel(String name, RecordSchema schema, int rowsMax, long createdAt, Channels owner) {
        super(name, schema, createdAt, owner);
        this.rowsMax = rowsMax;
        this.snapshotRowsMax = Math.min(SNAPSHOT_ROWS_MAX, rowsMax);
        this.ring = new RecordBuffer[sizeFor(0)];
        this.changedAt = new long[ring.length];
    }

    /** Returns an empty row to fill; {@link #append} makes it count. */
    public RecordBuffer next() {
        if (sequence == ring.length && ring.length < rowsMax) {
            int size = Math.min(2 * ring.length, rowsMax);
            ring = Arrays.copyOf(ring, size);
            changedAt = Arrays.copyOf(changedAt, size);
        }
        if (sinceFlush >= rowsMax / 2) {
            owner().flushLog(this);
            sinceFlush = 0;
        }
        int slot = slot(sequence);
        RecordBuffer row = ring[slot];
        if (row == null) {
            row = new RecordBuffer(schema());
            ring[slot] = row;
        } else {
            forgottenAt = changedAt[slot];
        }
        RecordBuffer before = sequence == 0 ? null : ring[slot(sequence - 1)];
        if (before == null) {
            row.reset();
        } else {
            row.resetLike(before);
        }
        return row;
    }

    /** Counts the row that {@link #next} gave. */
    public void append() {
        append(owner().changed(this));
    }

    private void append(long changes) {
        changedAt[slot(sequence)] = changes;
        sequence++;
        sinceFlush++;
    }

    /** Returns the newest rows up to this number, oldest first. */
    public void visitNewest(int count, RowVisitor visitor) {
        visitChanges(Math.max(floor(), sequence - count), visitor);
    }

    @Override
    public long sequence() {
        return sequence;
    }

    @Override
    public String key() {
        return "";
    }

    @Override
    public void visitSnapshot(SnapshotReason reason, RowVisitor visitor) {
        visitNewest(reason == SnapshotReason.RESET ? rowsMax : snapshotRowsMax, visitor);
    }

    @Override
    public void visitChanges(long previous, RowVisitor visitor) {
        for (long each = previous; each < sequence; each++) {
            RecordBuffer row = ring[slot(each)];
            if (row != null) {
                visitor.row(row, row.present(), false);
            }
        }
    }

    @Override
    public void visitNumberedSnapshot(SnapshotReason reason, NumberedRowVisitor visitor) {
        visitSnapshot(reason, (row, fields, removed) -> visitor.row(0, row, fields, false, null));
    }

    @Override
    public void visitDifferences(long previous, NumberedRowVisitor visitor) {
        RecordBuffer before = previous > floor() ? ring[slot(previous - 1)] : null;
        for (long each = previous; each < sequence; each++) {
            RecordBuffer row = ring[slot(each)];
            if (row != null) {
                if (before == null) {
                    // The reader has a row that is forgotten here: what it has and this has not must vanish.
                    visitor.row(0, row, previous == 0 ? row.present() : schema().allFields(), false, null);
                } else {
                    visitor.row(0, row, row.differences(before), false, before.mantissas());
                }
                before = row;
            }
        }
    }

    @Override
    long floor() {
        return Math.max(0, sequence - ring.length);
    }

    @Override
    long sequenceAt(long changes) {
        if (changes < forgottenAt) {
            return -1;
        }
        long low = floor();
        long high = sequence;
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (changedAt[slot(middle)] <= changes) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    @Override
    void writeKind(ByteWriter out) {
        out.writeVarint(0);
        out.writeVarint(rowsMax);
    }

    @Override
    void writeChanges(long previous, ByteWriter out) {
        DeltaEncoder encoder = new DeltaEncoder(out);
        visitDifferences(previous, (number, row, fields, removed, base) -> encoder.write(row, fields, base));
    }

    @Override
    void readChanges(long advance, ByteReader in) {
        DeltaDecoder decoder = new DeltaDecoder(in);
        forgetEncoded();
        for (long left = advance; left > 0; left--) {
            read(decoder, next());
            append(owner().changes());
        }
    }

    /** Makes room for rows: sessions get those that will be overwritten. For all copies before any of them changes. */
    void makeRoom(long rows) {
        if (sinceFlush + rows > rowsMax / 2) {
            owner().flushLog(this);
            sinceFlush = 0;
        }
    }

    @Override
    void writeWhole(ByteWriter out) {
        long first = floor();
        out.writeVarint(sequence);
        out.writeVarint(forgottenAt);
        long at = forgottenAt;
        for (long each = first; each < sequence; each++) {
            out.writeVarint(changedAt[slot(each)] - at);
            at = changedAt[slot(each)];
        }
        DeltaEncoder encoder = new DeltaEncoder(out);
        RecordBuffer before = null;
        for (long each = first; each < sequence; each++) {
            RecordBuffer row = Objects.requireNonNull(ring[slot(each)]);
            if (before == null) {
                encoder.write(row, row.present(), null);
            } else {
                encoder.write(row, row.differences(before), before.mantissas());
            }
            before = row;
        }
    }

    @Override
    void readWhole(ByteReader in) {
        sequence = in.readVarint();
        ring = new RecordBuffer[sizeFor(sequence)];
        changedAt = new long[ring.length];
        forgottenAt = in.readVarint();
        long at = forgottenAt;
        for (long each = floor(); each < sequence; each++) {
            at += in.readVarint();
            changedAt[slot(each)] = at;
        }
        DeltaDecoder decoder = new DeltaDecoder(in);
        RecordBuffer before = null;
        for (long each = floor(); each < sequence; each++) {
            RecordBuffer row = new RecordBuffer(schema());
            if (before != null) {
                row.copy(before);
            }
            decoder.read(row);
            ring[slot(each)] = row;
            before = row;
        }
    }

    /** Reads a row that is told as the difference to the one before it. */
    private void read(DeltaDecoder decoder, RecordBuffer row) {
        RecordBuffer before = sequence == 0 ? null : ring[slot(sequence - 1)];
        if (before != null) {
            row.copy(before);
        }
        decoder.read(row);
    }

    /** The ring grows with its rows, and is never smaller than they are many. */
    private int sizeFor(long rows) {
        int size = Math.min(FIRST_SIZE, rowsMax);
        while (size < rows && size < rowsMax) {
            size = Math.min(2 * size, rowsMax);
        }
        return size;
    }

    int rowsMax() {
        return rowsMax;
    }

    private int slot(long rowSequence) {
        return (int) (rowSequence % ring.length);
    }
}
