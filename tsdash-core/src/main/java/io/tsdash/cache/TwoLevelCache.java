package io.tsdash.cache;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.PermanentException;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A local tier in front of a shared one: what this node has asked for lately is answered without a round trip.
 *
 * <p>A key that another node changes leaves the local tier by {@link Invalidations}. One that is lost leaves an old copy, which is
 * given out until the local lifetime ends, and no longer; after a broken connection the whole local tier is dropped. An answer
 * that is under way while its key changes is not kept.
 *
 * <p>While the shared tier is away, what the local tier has is still given out until its lifetime ends; all else fails as C10 of
 * {@link Cache} says.
 *
 * <p>A value that is too large for the local tier is in the shared one only.
 *
 * <p>Thread-safe. Owns both tiers: closing it closes them.
 */
public final class TwoLevelCache<V> implements Cache<V> {
    private final LocalCache<V> local;
    private final Cache<V> shared;
    private final long localNanos;
    private final Invalidations invalidations;
    private final TimeSource time;
    private final Stamps stamps = new Stamps();
    private final Invalidations.Subscription subscription;
    private volatile boolean closed;

    /**
     * @param local in front; of this cache alone
     * @param shared behind
     * @param localTtl for how long a copy is given out at most, longer than nothing: the bound on what a lost invalidation can do
     * @param invalidations of the shared tier; they stay the caller's to close, after this
     * @param time the clock of both tiers
     * @throws ConfigurationException if the lifetime is wrong
     */
    public TwoLevelCache(
            LocalCache<V> local, Cache<V> shared, Duration localTtl, Invalidations invalidations, TimeSource time) {
        if (localTtl.isNegative() || localTtl.isZero()) {
            throw new ConfigurationException(
                    List.of("localTtl was '" + localTtl + "' but it must be longer than nothing"));
        }
        this.local = local;
        this.shared = shared;
        this.localNanos = localTtl.toNanos();
        this.invalidations = invalidations;
        this.time = time;
        this.subscription = invalidations.subscribe(new Invalidations.Listener() {
            @Override
            public void onChanged(Collection<String> keys) {
                keys.forEach(TwoLevelCache.this::forget);
            }

            @Override
            public void onMissed() {
                stamps.changeAll();
                local.clear();
            }
        });
    }

    @Override
    public Optional<CacheEntry<V>> get(String key) {
        Optional<CacheEntry<V>> near = local.get(key);
        if (near.isPresent()) {
            return near;
        }
        long stamp = stamps.of(key);
        Optional<CacheEntry<V>> far = shared.get(key);
        far.ifPresent(entry -> keep(key, entry, stamp));
        return far;
    }

    @Override
    public Map<String, CacheEntry<V>> getAll(Collection<String> keys) {
        Map<String, CacheEntry<V>> found = new HashMap<>(local.getAll(keys));
        List<String> missing = new ArrayList<>();
        Map<String, Long> before = new HashMap<>();
        for (String key : keys) {
            if (!found.containsKey(key) && before.put(key, stamps.of(key)) == null) {
                missing.add(key);
            }
        }
        if (!missing.isEmpty()) {
            shared.getAll(missing).forEach((key, entry) -> {
                keep(key, entry, before.getOrDefault(key, 0L));
                found.put(key, entry);
            });
        }
        return found;
    }

    @Override
    public void putAll(Map<String, CacheEntry<V>> entries) {
        Map<String, Long> before = begin(entries.keySet());
        try {
            shared.putAll(entries);
        } finally {
            // Also when it failed, for then it may have been done or not.
            entries.keySet().forEach(this::forget);
        }
        // Only where nothing else was done to the key between the two.
        entries.forEach((key, entry) -> keep(key, entry, before.getOrDefault(key, 0L) + 1));
        invalidations.changed(entries.keySet());
    }

    @Override
    public void removeAll(Collection<String> keys) {
        begin(keys);
        try {
            shared.removeAll(keys);
        } finally {
            keys.forEach(this::forget);
        }
        invalidations.changed(keys);
    }

    @Override
    public CacheLimits limits() {
        CacheLimits near = local.limits();
        CacheLimits far = shared.limits();
        return new CacheLimits(
                both(near.entriesMax(), far.entriesMax()), both(near.bytesMax(), far.bytesMax()), far.valueBytesMax());
    }

    private static long both(long near, long far) {
        return near > Long.MAX_VALUE - far ? Long.MAX_VALUE : near + far;
    }

    @Override
    public void close() {
        closed = true;
        subscription.close();
        local.close();
        shared.close();
    }

    /** Notes that a key is about to change here: answers that are under way are old then, and so is the copy. */
    private Map<String, Long> begin(Collection<String> keys) {
        if (closed) {
            throw new PermanentException("the cache is closed");
        }
        keys.forEach(CacheKeys::check);
        Map<String, Long> stampsNow = new HashMap<>();
        keys.forEach(key -> stampsNow.put(key, stamps.change(key, () -> {})));
        return stampsNow;
    }

    private void forget(String key) {
        stamps.change(key, () -> local.remove(key));
    }

    /** Keeps a copy, unless its key has changed since this stamp was taken. */
    private void keep(String key, CacheEntry<V> entry, long stamp) {
        if (!closed) {
            long until = Math.min(entry.expiresNanos(), time.epochNanos() + localNanos);
            stamps.ifStill(key, stamp, () -> local.keep(key, entry, until));
        }
    }
}
