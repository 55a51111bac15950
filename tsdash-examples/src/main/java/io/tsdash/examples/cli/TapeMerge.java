package io.tsdash.examples.cli;

import io.tsdash.error.InvalidInputException;
import io.tsdash.source.Refused;
import io.tsdash.source.TapeReader;
import io.tsdash.source.TapeRow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Several tapes as one, by the time at which their rows were received: what was recorded in parts or by symbol is read
 * in the order in which it happened. Single-threaded.
 */
final class TapeMerge {
    private record Head(TapeReader reader, TapeRow row, long timeNanos, int tape) {}

    private final PriorityQueue<Head> heads =
            new PriorityQueue<>(Comparator.comparingLong(Head::timeNanos).thenComparingInt(Head::tape));

    private final List<String> damages = new ArrayList<>();

    TapeMerge(List<TapeReader> readers) {
        for (int i = 0; i < readers.size(); i++) {
            push(readers.get(i), i, Long.MIN_VALUE);
        }
    }

    /** Returns the next row, or null at the end of all tapes. */
    @Nullable
    TapeRow next() {
        Head head = heads.poll();
        if (head == null) {
            return null;
        }
        push(head.reader, head.tape, head.timeNanos);
        return head.row;
    }

    /** Returns what ended a tape before its end, such as a gzip file cut short; empty if all were read whole. */
    List<String> damages() {
        return damages;
    }

    private void push(TapeReader reader, int tape, long previousNanos) {
        try {
            TapeRow row = reader.next();
            if (row != null) {
                heads.add(new Head(reader, row, timeOf(row, previousNanos), tape));
            }
        } catch (InvalidInputException e) {
            damages.add(String.valueOf(e.getMessage()));
        }
    }

    /** A row without a time follows the one before it. */
    private static long timeOf(TapeRow row, long previousNanos) {
        if (row instanceof TapeRow.OfEvent of) {
            return of.event().receiveTimeNanos();
        }
        if (row instanceof TapeRow.OfBar of) {
            return of.bar().openTimeNanos();
        }
        assert row instanceof Refused;
        return previousNanos;
    }
}
