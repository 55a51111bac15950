package io.tsdash.examples.server;

import io.tsdash.cache.CacheAsideListener;
import io.tsdash.cache.WriteBehindListener;
import io.tsdash.distribution.Alert;
import io.tsdash.redis.LimiterAway;
import io.tsdash.redis.RedisCacheListener;
import io.tsdash.redis.RedisRateLimiterListener;
import io.tsdash.resilience.RateLimiterListener;

/** Tells what goes wrong with caches and with limits that servers share. Thread-safe. */
final class CacheReporter
        implements CacheAsideListener, RedisCacheListener, RedisRateLimiterListener, RateLimiterListener {
    private final EventReporter reporter;

    CacheReporter(EventReporter reporter) {
        this.reporter = reporter;
    }

    @Override
    public void onLoadFailed(String kind, String key, RuntimeException cause) {
        reporter.count("cache-load-failed", Alert.Severity.INFO, String.valueOf(cause.getMessage()));
    }

    @Override
    public void onLoadAbandoned(String kind, String key) {
        reporter.count("cache-load-abandoned", Alert.Severity.INFO, kind + " " + key + " took too long");
    }

    @Override
    public void onLoadRefused(String kind, String key) {
        reporter.count("cache-load-refused", Alert.Severity.INFO, kind + " " + key + ": too many are looked for");
    }

    @Override
    public void onCacheFailed(String kind, String key, RuntimeException cause) {
        reporter.count("cache-failed", Alert.Severity.INFO, kind + " " + key + ": " + cause.getMessage());
    }

    /** Returns what hears of values on their way to a store behind a cache. */
    <V> WriteBehindListener<V> behind() {
        return new WriteBehindListener<>() {
            @Override
            public void onStoreRetry(String kind, int values, int attempt, RuntimeException cause) {
                reporter.count("cache-behind-retry", Alert.Severity.INFO, kind + ": " + cause.getMessage());
            }

            @Override
            public void onLost(String kind, int values, RuntimeException cause) {
                reporter.count(
                        "cache-behind-lost",
                        Alert.Severity.INFO,
                        values,
                        kind + " did not reach other servers: " + cause.getMessage());
            }

            @Override
            public void onCacheFailed(String kind, String key, RuntimeException cause) {
                CacheReporter.this.onCacheFailed(kind, key, cause);
            }
        };
    }

    @Override
    public void onUnreadable(String key, RuntimeException cause) {
        reporter.count("cache-unreadable", Alert.Severity.WARNING, key + ": " + cause.getMessage());
    }

    @Override
    public void onAway(LimiterAway choice, RuntimeException cause) {
        reporter.count("limit-away", Alert.Severity.WARNING, "limits go by " + choice + ": " + cause.getMessage());
    }

    @Override
    public void onBack() {
        reporter.count("limit-back", Alert.Severity.INFO, "limits are shared again");
    }

    @Override
    public void shared(String key) {
        reporter.count("limit-keys-full", Alert.Severity.WARNING, key + " shares its limit: too many ask at once");
    }
}
