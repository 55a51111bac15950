package io.tsdash.time;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * The two clocks that tsdash reads: one for timestamps, one for durations.
 *
 * <p>Thread-safe. Only this package reads the clocks of the machine, so a test can live through a day in a
 * millisecond with a manual source.
 */
public interface TimeSource {
    /** How old {@link #coarseNanos} may be, unless the machine keeps threads waiting. */
    Duration COARSE = Duration.ofMillis(10);

    /** Returns the time of day: nanoseconds since 1970-01-01T00:00Z. May jump when the machine's clock is set. */
    long epochNanos();

    /** Returns nanoseconds since an arbitrary origin; never goes back. For timeouts and durations only. */
    long monotonicNanos();

    /**
     * Returns {@link #monotonicNanos} as of {@link #COARSE} ago or less, for a fraction of what reading a clock costs. For
     * durations of a second and more, taken where calls are many and short.
     */
    default long coarseNanos() {
        return monotonicNanos();
    }

    /**
     * Waits until {@link #monotonicNanos} has come to a moment; not at all if it has.
     *
     * @throws InterruptedException if the thread is interrupted before or meanwhile
     */
    default void sleepUntil(long nanos) throws InterruptedException {
        for (long left = nanos - monotonicNanos(); left > 0; left = nanos - monotonicNanos()) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            LockSupport.parkNanos(this, left);
        }
    }

    /** Returns the clocks of this machine. */
    static TimeSource system() {
        return SystemTimeSource.INSTANCE;
    }
}
