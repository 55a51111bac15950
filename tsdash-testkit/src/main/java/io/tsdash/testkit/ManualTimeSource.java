package io.tsdash.testkit;

import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Clocks that stand still until the test moves them. Thread-safe. */
public final class ManualTimeSource implements TimeSource {
    private final AtomicLong epochNanos;
    private final AtomicLong monotonicNanos = new AtomicLong();
    private final Object sleepers = new Object();
    private final AtomicInteger asleep = new AtomicInteger();

    /** @param epochNanos the time of day to begin with, in nanoseconds since the epoch */
    public ManualTimeSource(long epochNanos) {
        this.epochNanos = new AtomicLong(epochNanos);
    }

    /** Lets this much time pass on both clocks. */
    public void advance(Duration duration) {
        epochNanos.addAndGet(duration.toNanos());
        monotonicNanos.addAndGet(duration.toNanos());
        synchronized (sleepers) {
            sleepers.notifyAll();
        }
    }

    /** Waits until the test has moved the clock that far; the machine's time does not count. */
    @Override
    public void sleepUntil(long nanos) throws InterruptedException {
        synchronized (sleepers) {
            asleep.incrementAndGet();
            try {
                while (nanos - monotonicNanos() > 0) {
                    sleepers.wait();
                }
            } finally {
                asleep.decrementAndGet();
            }
        }
    }

    /** Returns how many threads wait for it. */
    public int asleep() {
        return asleep.get();
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
