package io.tsdash.time;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Clocks that stand still until the test moves them. Thread-safe. */
public final class ManualTime implements TimeSource {
    private final long startNanos;
    private final AtomicLong elapsedNanos = new AtomicLong();

    /** @param startNanos since the epoch */
    public ManualTime(long startNanos) {
        this.startNanos = startNanos;
    }

    /** Lets time pass. */
    public void advance(Duration duration) {
        elapsedNanos.addAndGet(duration.toNanos());
    }

    /** Moves to so long after the start. */
    public void elapsed(Duration duration) {
        elapsedNanos.set(duration.toNanos());
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
