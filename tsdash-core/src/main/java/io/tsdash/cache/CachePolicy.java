package io.tsdash.cache;

import io.tsdash.error.ConfigurationException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How long values of one kind are good for, and what an old one is good for after that (RFC 5861 names the two windows).
 *
 * @param kind what they are, for counts and messages
 * @param fresh for how long a value is taken as it is, longer than nothing
 * @param whileRevalidating for how long after that it is given out, marked stale, while it is found anew in the background
 * @param onError for how long after it was fresh it is given out, marked stale, when it cannot be found anew
 * @param absent for how long it is kept that there is nothing; zero: not at all
 * @param jitter by which share of itself the time as fresh is shortened at most, at random, so that what was found together is not
 *     looked for together again; from 0 to 0.5
 */
public record CachePolicy(
        String kind, Duration fresh, Duration whileRevalidating, Duration onError, Duration absent, double jitter) {
    private static final Duration MAX = Duration.ofDays(3_650);
    private static final double JITTER = 0.1;
    private static final double JITTER_MAX = 0.5;

    /** The last price of a symbol: 5 s; up to a minute old in all, and marked, when its source is away. */
    public static final CachePolicy LAST_PRICE =
            of("last-price", Duration.ofSeconds(5)).withOnError(Duration.ofSeconds(55));

    /** Bars of a minute: 1 minute; {@link NewestBars} finds them anew as a bar closes. */
    public static final CachePolicy BARS_1M =
            of("bars-1m", Duration.ofMinutes(1)).withOnError(Duration.ofMinutes(10));

    /** Bars of five minutes: 5 minutes. */
    public static final CachePolicy BARS_5M =
            of("bars-5m", Duration.ofMinutes(5)).withOnError(Duration.ofMinutes(30));

    /** Daily closes: 24 hours. */
    public static final CachePolicy DAILY_CLOSES = of("daily-closes", Duration.ofHours(24))
            .withWhileRevalidating(Duration.ofHours(1))
            .withOnError(Duration.ofHours(24));

    /** Reference data, such as names and lot sizes: 7 days. */
    public static final CachePolicy REFERENCE_DATA = of("reference-data", Duration.ofDays(7))
            .withWhileRevalidating(Duration.ofDays(1))
            .withOnError(Duration.ofDays(7));

    /** What belongs to a user, such as positions and watch-lists: 24 hours; all of it, for others may wait for its end. */
    public static final CachePolicy USER_DATA =
            new CachePolicy("user-data", Duration.ofHours(24), Duration.ZERO, Duration.ZERO, Duration.ZERO, 0);

    /** @throws ConfigurationException with everything that is wrong */
    public CachePolicy {
        List<String> problems = new ArrayList<>();
        if (kind.isBlank()) {
            problems.add("policy.kind was '" + kind + "' but it must not be blank");
        }
        if (fresh.isZero()) {
            problems.add("policy.fresh was '" + fresh + "' but it must be longer than nothing");
        }
        within(problems, "fresh", fresh);
        within(problems, "whileRevalidating", whileRevalidating);
        within(problems, "onError", onError);
        within(problems, "absent", absent);
        if (!(jitter >= 0 && jitter <= JITTER_MAX)) {
            problems.add("policy.jitter was '" + jitter + "' but it must be from 0 to " + JITTER_MAX);
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    /** Returns a policy without old values, which keeps for a tenth of the time that there is nothing, and with a jitter of 0.1. */
    public static CachePolicy of(String kind, Duration fresh) {
        return new CachePolicy(kind, fresh, Duration.ZERO, Duration.ZERO, fresh.dividedBy(10), JITTER);
    }

    /** Returns the same with another window while a value is found anew. */
    public CachePolicy withWhileRevalidating(Duration value) {
        return new CachePolicy(kind, fresh, value, onError, absent, jitter);
    }

    /** Returns the same with another window when a value cannot be found. */
    public CachePolicy withOnError(Duration value) {
        return new CachePolicy(kind, fresh, whileRevalidating, value, absent, jitter);
    }

    /** Returns the same with another time for which it is kept that there is nothing. */
    public CachePolicy withAbsent(Duration value) {
        return new CachePolicy(kind, fresh, whileRevalidating, onError, value, jitter);
    }

    /** Returns the same with another jitter. */
    public CachePolicy withJitter(double value) {
        return new CachePolicy(kind, fresh, whileRevalidating, onError, absent, value);
    }

    /**
     * Returns the lifetime of a value.
     *
     * @param random from 0 to below 1, which the jitter goes by
     */
    public Lifetime lifetime(double random) {
        Duration longest = whileRevalidating.compareTo(onError) > 0 ? whileRevalidating : onError;
        return new Lifetime(shortened(fresh, random), longest);
    }

    /** Returns the lifetime of the knowledge that there is nothing; only where it is kept. */
    Lifetime absentLifetime(double random) {
        return Lifetime.of(shortened(absent, random));
    }

    private Duration shortened(Duration duration, double random) {
        return Duration.ofNanos(Math.max(1, (long) (duration.toNanos() * (1 - jitter * random))));
    }

    private static void within(List<String> problems, String option, Duration value) {
        if (value.isNegative() || value.compareTo(MAX) > 0) {
            problems.add("policy." + option + " was '" + value + "' but it must not be negative and at most " + MAX);
        }
    }
}
