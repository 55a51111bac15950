package io.tsdash.cache;

import io.tsdash.error.ConfigurationException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How long an entry is good for.
 *
 * @param fresh for how long it can be taken as it is, longer than nothing, at most 3,650 days
 * @param stale for how long after that it is kept, for who prefers an old value to none; at most 3,650 days
 */
public record Lifetime(Duration fresh, Duration stale) {
    private static final Duration MAX = Duration.ofDays(3_650);

    /** @throws ConfigurationException with everything that is wrong */
    public Lifetime {
        List<String> problems = new ArrayList<>();
        if (fresh.isNegative() || fresh.isZero() || fresh.compareTo(MAX) > 0) {
            problems.add("lifetime.fresh was '" + fresh + "' but it must be longer than nothing and at most " + MAX);
        }
        if (stale.isNegative() || stale.compareTo(MAX) > 0) {
            problems.add("lifetime.stale was '" + stale + "' but it must not be negative and at most " + MAX);
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    /** Returns a lifetime after which nothing is kept. */
    public static Lifetime of(Duration fresh) {
        return new Lifetime(fresh, Duration.ZERO);
    }
}
