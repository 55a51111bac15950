package io.tsdash.resilience;

import io.tsdash.error.ConfigurationException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Pauses between tries: at random between nothing and a bound that doubles each time, so that callers that failed together do not
 * come back together ("full jitter": M. Brooker, "Exponential Backoff And Jitter", 2015).
 *
 * @param first the first bound, longer than nothing
 * @param longest the last bound, at least the first and at most a year
 */
public record BackOff(Duration first, Duration longest) {

    /** @throws ConfigurationException with everything that is wrong */
    public BackOff {
        List<String> problems = new ArrayList<>();
        Durations.check(problems, "backOff.first", first);
        Durations.check(problems, "backOff.longest", longest);
        if (longest.compareTo(first) < 0) {
            problems.add("backOff.longest was '" + longest + "' but it must be at least backOff.first, " + first);
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    /**
     * Returns how long to wait before trying again.
     *
     * @param attempt how many tries have failed, at least 1
     */
    public long pauseNanos(int attempt) {
        return ThreadLocalRandom.current().nextLong(boundNanos(attempt) + 1);
    }

    private long boundNanos(int attempt) {
        long bound = first.toNanos();
        long last = longest.toNanos();
        for (int i = 1; i < attempt && bound < last; i++) {
            bound *= 2; // a year is far from overflow
        }
        return Math.min(bound, last);
    }
}
