package io.tsdash.testkit;

import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Clocks that stand still until the test moves them. Thread-safe. */
public final class ManualTimeSource implements TimeSource {
    private final AtomicLong epochNanos;
    private final AtomicLong monotonicNanos = new AtomicLong();

    /** @param epochNanos the time of day to begin with, in nanoseconds since the epoch */
    public ManualTimeSource(long epochNanos) {
        this.epochNanos = new AtomicLong(epochNanos);
    }

    /** Lets this much time pass on both clocks. */
    public void advance(Duration duration) {
        epochNanos.addAndGet(duration.toNanos());
        monotonicNanos.addAndGet(duration.toNanos());
    }

    /** Sets the time of day only, as an administrator or a time service would; durations are not affected. */
    public void jumpTo(long newEpochNanos) {
        epochNanos.set(newEpochNanos);
    }

    @Override
    public long epochNanos() {
        return epochNanos.get();
    }

    @Override
    public long monotonicNanos() {
        return monotonicNanos.get();
    }
}
