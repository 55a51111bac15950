package io.tsdash.redis;

import io.tsdash.error.ConfigurationException;
import io.tsdash.resilience.LocalRateLimiter;
import io.tsdash.resilience.RateLimit;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Settings of a {@link RedisRateLimiter}, checked all at once when built. Single-threaded. */
public final class RedisRateLimiterBuilder {
    private static final int LIMITS_MAX = 8;
    private static final int NODES_MAX = 1_000;
    private static final int SHARE_KEYS_MAX = 100_000;
    private static final Duration PERIOD_MIN = Duration.ofMillis(1);
    private static final Duration PERIOD_MAX = Duration.ofDays(31);
    private static final long PERMITS_MAX = 1_000_000_000;

    final RedisConnection connection;
    final String prefix;
    final List<RateLimit> limits;
    LimiterAway away = LimiterAway.LOCAL_SHARE;
    int nodes = 1;
    RedisRateLimiterListener listener = RedisRateLimiterListener.NONE;
    TimeSource time = TimeSource.system();

    RedisRateLimiterBuilder(RedisConnection connection, String prefix, List<RateLimit> limits) {
        this.connection = connection;
        this.prefix = prefix;
        this.limits = List.copyOf(limits);
    }

    /** Sets what it does while Redis is away; a local share of one node, so the whole limit on each, if not called. */
    public RedisRateLimiterBuilder whenAway(LimiterAway value) {
        away = value;
        return this;
    }

    /** Lets it go by buckets of this node alone while Redis is away, of the limits' share for one of so many nodes, at least 1. */
    public RedisRateLimiterBuilder localShareOf(int value) {
        away = LimiterAway.LOCAL_SHARE;
        nodes = value;
        return this;
    }

    /** Sets who hears when Redis is away. */
    public RedisRateLimiterBuilder listener(RedisRateLimiterListener value) {
        listener = value;
        return this;
    }

    /** Sets the clocks of the local share; those of the machine if not called. */
    public RedisRateLimiterBuilder time(TimeSource value) {
        time = value;
        return this;
    }

    /** @throws ConfigurationException with everything that is wrong */
    public RedisRateLimiter build() {
        List<String> problems = new ArrayList<>();
        RedisPrefix.check(prefix, problems);
        if (limits.isEmpty() || limits.size() > LIMITS_MAX) {
            problems.add("limits were " + limits.size() + " but they must be from 1 to " + LIMITS_MAX);
        }
        for (RateLimit limit : limits) {
            if (limit.period().compareTo(PERIOD_MIN) < 0 || limit.period().compareTo(PERIOD_MAX) > 0) {
                problems.add("limit.period was '" + limit.period() + "' but it must be from " + PERIOD_MIN + " to "
                        + PERIOD_MAX);
            }
            if (limit.permits() > PERMITS_MAX || limit.burst() > PERMITS_MAX) {
                problems.add("limit.permits was '" + limit.permits() + "' and limit.burst '" + limit.burst()
                        + "' but they must be at most " + PERMITS_MAX);
            }
        }
        if (nodes < 1 || nodes > NODES_MAX) {
            problems.add("nodes was '" + nodes + "' but it must be from 1 to " + NODES_MAX);
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new RedisRateLimiter(this);
    }

    /** Returns the limiter for while Redis is away: the same rates over all nodes, from buckets of their share of the size. */
    LocalRateLimiter share() {
        RateLimit[] shares = limits.stream()
                .map(limit -> new RateLimit(
                        limit.permits(), limit.period().multipliedBy(nodes), Math.max(1, limit.burst() / nodes)))
                .toArray(RateLimit[]::new);
        return LocalRateLimiter.of(shares).keysMax(SHARE_KEYS_MAX).time(time).build();
    }
}
