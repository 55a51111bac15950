package io.tsdash.distribution;

import io.tsdash.delta.RecordBuffer;

/** Counts rows that changed, and finds the oldest event that changed them. Single-threaded. */
final class ChangedRows implements RowVisitor {
    private final int timeField;
    long count;
    long oldestNanos = SessionOutput.NO_EVENT;

    /** @param timeField where rows have the time of the event that changed them; below 0 where they have none */
    ChangedRows(int timeField) {
        this.timeField = timeField;
    }

    /** A row whose time did not change was changed by something else, such as a feed that has gone. */
    @Override
    public void row(RecordBuffer row, long fields, boolean removed) {
        count++;
        if (timeField >= 0 && !removed && (fields & 1L << timeField) != 0 && row.isPresent(timeField)) {
            oldestNanos = Math.min(oldestNanos, row.getLong(timeField));
        }
    }
}
