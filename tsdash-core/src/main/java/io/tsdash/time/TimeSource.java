package io.tsdash.time;

/**
 * The two clocks that tsdash reads: one for timestamps, one for durations.
 *
 * <p>Thread-safe. Only this package reads the clocks of the machine, so a test can live through a day in a
 * millisecond with a manual source.
 */
public interface TimeSource {

    /** Returns the time of day: nanoseconds since 1970-01-01T00:00Z. May jump when the machine's clock is set. */
    long epochNanos();

    /** Returns nanoseconds since an arbitrary origin; never goes back. For timeouts and durations only. */
    long monotonicNanos();

    /** Returns the clocks of this machine. */
    static TimeSource system() {
        return SystemTimeSource.INSTANCE;
    }
}
