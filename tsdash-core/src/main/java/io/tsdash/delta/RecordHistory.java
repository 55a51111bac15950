package io.tsdash.delta;

import org.jspecify.annotations.Nullable;

/**
 * The numbers that a record had where its readers stand, so that they can be told differences.
 *
 * <p>Readers that are served at the same times stand at the same place, so a few places serve them all: the newest
 * ones are kept, and whoever stands elsewhere is told absolute values. Single-threaded.
 */
public final class RecordHistory {
    /** Two groups of readers that move each at its own pace, with some of each a step behind. */
    private static final int PLACES = 4;

    private static final long OPEN = Long.MAX_VALUE;

    private final Mantissas[] kept = new Mantissas[PLACES];
    private final long[] from = new long[PLACES];
    private final long[] until = new long[PLACES];
    private int next;

    /** @param schema of the record */
    public RecordHistory(RecordSchema schema) {
        for (int i = 0; i < PLACES; i++) {
            kept[i] = new Mantissas(schema.size());
        }
    }

    /** Notes that the record changes at this sequence: what was kept holds for readers below it. */
    public void changed(long sequence) {
        for (int i = 0; i < PLACES; i++) {
            if (until[i] == OPEN) {
                until[i] = sequence;
            }
        }
    }

    /** Returns the numbers that a reader at this sequence has; null when they are not known. */
    public @Nullable Mantissas at(long sequence) {
        int slot = slot(sequence);
        return slot < 0 ? null : kept[slot];
    }

    /**
     * Keeps the record's numbers for readers who were just brought up to date.
     *
     * @param record as it is now
     * @param changedAt sequence of its last change
     */
    public void keep(RecordBuffer record, long changedAt) {
        for (int i = 0; i < PLACES; i++) {
            if (until[i] == OPEN) {
                return;
            }
        }
        int slot = next;
        next = (slot + 1) % PLACES;
        kept[slot].copy(record.mantissas());
        from[slot] = changedAt;
        until[slot] = OPEN;
    }

    private int slot(long sequence) {
        for (int i = 0; i < PLACES; i++) {
            if (from[i] <= sequence && sequence < until[i]) {
                return i;
            }
        }
        return -1;
    }
}
