package io.tsdash.cache;

import io.tsdash.error.TransientException;
import java.util.Collection;
import java.util.Map;

/** A cache that can be taken away, and that can be waited for. */
final class AwayCache<V> implements Cache<V> {
    private final Cache<V> cache;
    volatile boolean away;
    volatile Runnable beforePut = () -> {};

    AwayCache(Cache<V> cache) {
        this.cache = cache;
    }

    @Override
    public Map<String, CacheEntry<V>> getAll(Collection<String> keys) {
        check();
        return cache.getAll(keys);
    }

    @Override
    public void putAll(Map<String, CacheEntry<V>> entries) {
        check();
        beforePut.run();
        cache.putAll(entries);
    }

    @Override
    public void removeAll(Collection<String> keys) {
        check();
        cache.removeAll(keys);
    }

    @Override
    public CacheLimits limits() {
        return cache.limits();
    }

    @Override
    public void close() {
        cache.close();
    }

    private void check() {
        if (away) {
            throw new TransientException("cache away");
        }
    }
}
