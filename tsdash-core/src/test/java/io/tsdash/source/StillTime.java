package io.tsdash.source;

import io.tsdash.time.TimeSource;
import java.util.concurrent.atomic.AtomicLong;

/** Clocks that the test moves. */
record StillTime(long startNanos, AtomicLong elapsedNanos) implements TimeSource {

    StillTime(long startNanos) {
        this(startNanos, new AtomicLong());
    }

    @Override
    public long epochNanos() {
        return startNanos + elapsedNanos.get();
    }

    @Override
    public long monotonicNanos() {
        return elapsedNanos.get();
    }
}
