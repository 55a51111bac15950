package io.tsdash.cache;

import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Clocks that stand still until the test moves them. */
final class ManualTime implements TimeSource {
    private final AtomicLong nanos = new AtomicLong(1_800_000_000_000_000_000L);

    void advance(Duration duration) {
        nanos.addAndGet(duration.toNanos());
    }

    @Override
    public long epochNanos() {
        return nanos.get();
    }

    @Override
    public long monotonicNanos() {
        return nanos.get();
    }
}
