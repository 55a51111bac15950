package io.tsdash.distribution;

import io.tsdash.delta.Mantissas;
import io.tsdash.delta.RecordBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Sees the rows of a channel with what is needed to tell differences, on the hub's thread; all is valid during the
 * call only.
 */
@FunctionalInterface
public interface NumberedRowVisitor {

    /**
     * @param number of the row in its channel, for as long as the channel lives; 0 in a log
     * @param row the values
     * @param fields mask of the fields to write; one that is not present has vanished
     * @param removed whether the row has left the channel
     * @param base the numbers that readers have; null when they have none, or it is not known which
     */
    void row(int number, RecordBuffer row, long fields, boolean removed, @Nullable Mantissas base);
}
