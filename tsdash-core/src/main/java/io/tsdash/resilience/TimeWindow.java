package io.tsdash.resilience;

import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;

/**
 * The calls of the last time, in ten slices: those of the slice of now and of the nine before it. What is older than the window
 * is never counted, and what is younger than nine tenths of it always is.
 */
final class TimeWindow implements OutcomeWindow {
    static final int SLICES = 10;

    private final long sliceNanos;
    private final long startNanos;
    private final Slice[] slices = new Slice[SLICES];
    private volatile Slice current;

    TimeWindow(long windowNanos, long nowNanos) {
        sliceNanos = Math.max(1, windowNanos / SLICES);
        startNanos = nowNanos;
        current = new Slice(0, nowNanos + sliceNanos);
        slices[0] = current;
    }

    @Override
    public void record(Outcome outcome, long nowNanos) {
        Slice slice = current;
        (nowNanos - slice.endNanos < 0 ? slice : slice(nowNanos)).counts[outcome.number].increment();
    }

    @Override
    public synchronized Counts counts(long nowNanos) {
        long first = (nowNanos - startNanos) / sliceNanos - SLICES + 1;
        // Failures before successes: a failure counted meanwhile is then missed rather than set against too few calls;
        // the one
        // who counts it sees all.
        long failed = sum(first, Outcome.FAILED);
        long slow = sum(first, Outcome.SLOW);
        long both = sum(first, Outcome.FAILED_SLOWLY);
        return new Counts(sum(first, Outcome.OK) + failed + slow + both, failed + both, slow + both);
    }

    /** Returns the slice of a moment; once a slice by whoever comes first. */
    private synchronized Slice slice(long nowNanos) {
        if (nowNanos - current.endNanos >= 0) {
            long number = (nowNanos - startNanos) / sliceNanos;
            current = new Slice(number, startNanos + (number + 1) * sliceNanos);
            slices[(int) (number % SLICES)] = current;
        }
        return current;
    }

    private long sum(long first, Outcome outcome) {
        return Arrays.stream(slices)
                .filter(slice -> slice != null && slice.number >= first)
                .mapToLong(slice -> slice.counts[outcome.number].sum())
                .sum();
    }

    /** A tenth of the window. */
    private static final class Slice {
        final long number;
        final long endNanos;
        /** By the outcome's number, which begins with 1. */
        final LongAdder[] counts = new LongAdder[Outcome.KINDS + 1];

        Slice(long number, long endNanos) {
            this.number = number;
            this.endNanos = endNanos;
            Arrays.setAll(counts, kind -> new LongAdder());
        }
    }
}
