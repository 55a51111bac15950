package io.tsdash.examples.feeds;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next try: any time up to a bound that doubles with each failure (full jitter), so that many
 * who lost the same server don't come back together. Single-threaded.
 */
final class Backoff {
    private static final int DOUBLINGS_MAX = 30;

    private final long firstNanos;
    private final long maxNanos;
    private final RandomGenerator random;
    private int failures;

    Backoff(Duration first, Duration max, RandomGenerator random) {
        this.firstNanos = first.toNanos();
        this.maxNanos = max.toNanos();
        this.random = random;
    }

    /** Returns how long to wait after one more failure. */
    long nextNanos() {
        long bound = Math.min(maxNanos, firstNanos << Math.min(failures, DOUBLINGS_MAX));
        failures++;
        return random.nextLong(Math.max(1, bound) + 1);
    }

    /** Begins anew: it went well for long enough. */
    void reset() {
        failures = 0;
    }
}
