package io.tsdash.time;

import java.time.Instant;

/** The clocks of the machine. Thread-safe. */
enum SystemTimeSource implements TimeSource {
    INSTANCE;

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    @Override
    public long epochNanos() {
        Instant now = Instant.now();
        return now.getEpochSecond() * NANOS_PER_SECOND + now.getNano();
    }

    @Override
    public long monotonicNanos() {
        return System.nanoTime();
    }

    @Override
    public long coarseNanos() {
        return CoarseClock.monotonicNanos();
    }
}
