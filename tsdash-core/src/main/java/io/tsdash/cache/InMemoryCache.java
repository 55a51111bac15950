package io.tsdash.cache;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.PermanentException;
import io.tsdash.time.TimeSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/** Keeps entries in a map under a lock; of too many the one used longest ago leaves. Thread-safe. */
final class InMemoryCache<V> implements Cache<V> {
    private final int entriesMax;
    private final TimeSource time;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, CacheEntry<V>> entries = new LinkedHashMap<>(16, 0.75f, true);
    private boolean closed;

    InMemoryCache(int entriesMax, TimeSource time) {
        if (entriesMax < 1) {
            throw new ConfigurationException(List.of("entriesMax was '" + entriesMax + "' but it must be at least 1"));
        }
        this.entriesMax = entriesMax;
        this.time = time;
    }

    @Override
    public Map<String, CacheEntry<V>> getAll(Collection<String> keys) {
        begin(keys);
        try {
            long now = time.epochNanos();
            Map<String, CacheEntry<V>> found = new HashMap<>();
            for (String key : keys) {
                CacheEntry<V> entry = entries.get(key);
                if (entry != null && entry.isExpired(now)) {
                    entries.remove(key);
                } else if (entry != null) {
                    found.put(key, entry);
                }
            }
            return found;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void putAll(Map<String, CacheEntry<V>> added) {
        begin(added.keySet());
        try {
            long now = time.epochNanos();
            added.forEach((key, entry) -> {
                if (entry.isExpired(now)) {
                    entries.remove(key);
                } else {
                    entries.put(key, entry);
                }
            });
            Iterator<String> oldest = entries.keySet().iterator();
            while (entries.size() > entriesMax) {
                oldest.next();
                oldest.remove();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void removeAll(Collection<String> keys) {
        begin(keys);
        try {
            keys.forEach(entries::remove);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public CacheLimits limits() {
        return new CacheLimits(entriesMax, Long.MAX_VALUE, Integer.MAX_VALUE);
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            entries.clear();
        } finally {
            lock.unlock();
        }
    }

    private void begin(Collection<String> keys) {
        keys.forEach(CacheKeys::check);
        lock.lock();
        if (closed) {
            lock.unlock();
            throw new PermanentException("the cache is closed");
        }
    }
}
