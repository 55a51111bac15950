package io.tsdash.resilience;

import io.tsdash.error.ConfigurationException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * So many permits in a period, and so many at once after a pause: one token bucket. Within any span of time {@code t} at most
 * {@code burst + t * permits / period} pass.
 *
 * @param permits how many come in a period, at least 1
 * @param period how long that takes, longer than nothing
 * @param burst how many the bucket holds, at least 1
 */
public record RateLimit(long permits, Duration period, long burst) {

    /** @throws ConfigurationException with everything that is wrong */
    public RateLimit {
        List<String> problems = new ArrayList<>();
        if (permits < 1) {
            problems.add("limit.permits was '" + permits + "' but it must be at least 1");
        }
        if (period.isNegative() || period.isZero()) {
            problems.add("limit.period was '" + period + "' but it must be longer than nothing");
        }
        if (burst < 1) {
            problems.add("limit.burst was '" + burst + "' but it must be at least 1");
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    /** Returns a limit of so many a second, and as many at once. */
    public static RateLimit perSecond(long permits) {
        return new RateLimit(permits, Duration.ofSeconds(1), permits);
    }

    /** Returns a limit of so many a minute, and as many at once. */
    public static RateLimit perMinute(long permits) {
        return new RateLimit(permits, Duration.ofMinutes(1), permits);
    }

    /** Returns the same rate with a bucket that holds so many. */
    public RateLimit withBurst(long value) {
        return new RateLimit(permits, period, value);
    }
}
