package io.tsdash.distribution;

import io.tsdash.delta.RecordBuffer;

/** Sees the rows of a channel one by one, on the hub's thread; the row is valid during the call only. */
@FunctionalInterface
public interface RowVisitor {

    /**
     * @param row the values
     * @param fields mask of the fields to write; one that is not present has vanished
     * @param removed whether the row has left the channel; then only its key is there
     */
    void row(RecordBuffer row, long fields, boolean removed);
}
