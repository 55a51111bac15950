package io.tsdash.observability;

import io.tsdash.cache.Cache;
import io.tsdash.cache.CacheEntry;
import io.tsdash.cache.CacheLimits;
import io.tsdash.error.TsdashException;
import io.tsdash.time.TimeSource;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * A cache whose questions are counted by what came of them, under the name of what it keeps: for one that is read as it is. Beside a
 * {@link io.tsdash.cache.CacheAside}, {@link CacheMetrics#read} counts instead. Thread-safe as the other is.
 */
public final class MeteredCache<V> implements Cache<V> {
    private final Cache<V> cache;
    private final TimeSource time;
    private final LongAdder hits = new LongAdder();
    private final LongAdder staleHits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder failures = new LongAdder();

    /**
     * @param kind what it keeps; one cache for each
     * @param cache gets the calls, and is closed with this
     * @param time says what is stale
     */
    public MeteredCache(String kind, Cache<V> cache, Meters meters, TimeSource time) {
        this.cache = cache;
        this.time = time;
        meters.total(Metric.CACHE_REQUESTS, hits::sum, kind, "hit");
        meters.total(Metric.CACHE_REQUESTS, staleHits::sum, kind, "stale");
        meters.total(Metric.CACHE_REQUESTS, misses::sum, kind, "miss");
        meters.total(Metric.CACHE_FAILURES, failures::sum, kind);
    }

    @Override
    public Optional<CacheEntry<V>> get(String key) {
        return counted(1, () -> {
            Optional<CacheEntry<V>> found = cache.get(key);
            found.ifPresentOrElse(this::found, () -> misses.increment());
            return found;
        });
    }

    @Override
    public Map<String, CacheEntry<V>> getAll(Collection<String> keys) {
        int asked = Set.copyOf(keys).size();
        return counted(asked, () -> {
            Map<String, CacheEntry<V>> found = cache.getAll(keys);
            found.values().forEach(this::found);
            misses.add(asked - found.size());
            return found;
        });
    }

    @Override
    public void putAll(Map<String, CacheEntry<V>> entries) {
        counted(0, () -> {
            cache.putAll(entries);
            return entries;
        });
    }

    @Override
    public void removeAll(Collection<String> keys) {
        counted(0, () -> {
            cache.removeAll(keys);
            return keys;
        });
    }

    @Override
    public CacheLimits limits() {
        return cache.limits();
    }

    @Override
    public void close() {
        cache.close();
    }

    private void found(CacheEntry<V> entry) {
        (entry.isStale(time.epochNanos()) ? staleHits : hits).increment();
    }

    /** What the cache does not answer is missed, whatever the reason. */
    private <T> T counted(int asked, Supplier<T> call) {
        try {
            return call.get();
        } catch (TsdashException e) {
            failures.increment();
            misses.add(asked);
            throw e;
        }
    }
}
