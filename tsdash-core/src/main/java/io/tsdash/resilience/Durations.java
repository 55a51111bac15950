package io.tsdash.resilience;

import java.time.Duration;
import java.util.List;

/** Durations as nanoseconds, without overflow. */
final class Durations {
    private static final Duration YEAR = Duration.ofDays(365);

    private Durations() {}

    /** Returns 0 for a negative one, and a year for a longer one. */
    static long nanosUpToAYear(Duration duration) {
        return duration.isNegative() ? 0 : duration.compareTo(YEAR) > 0 ? YEAR.toNanos() : duration.toNanos();
    }

    /** Adds a problem unless an option is longer than nothing and at most a year. */
    static void check(List<String> problems, String option, Duration value) {
        if (value.isNegative() || value.isZero() || value.compareTo(YEAR) > 0) {
            problems.add(option + " was '" + value + "' but it must be longer than nothing and at most " + YEAR);
        }
    }
}
