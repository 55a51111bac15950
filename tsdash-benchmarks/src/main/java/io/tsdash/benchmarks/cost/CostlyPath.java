package io.tsdash.benchmarks.cost;

import java.io.IOException;

/** A path through tsdash that can be gone again and again. One thread at a time. */
public interface CostlyPath extends AutoCloseable {

    /** Goes it some thousands of times, until all is done, and returns how many times. */
    int round() throws IOException, InterruptedException;

    /** Returns the processor time so far, in nanoseconds, of what only drives it. */
    default long othersNanos() {
        return 0;
    }

    @Override
    void close() throws IOException;
}
