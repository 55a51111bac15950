package io.tsdash.cache;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
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
 * <p>While the shared tier is away, what the local tier has is still given out until its lifetime ends. After that it may stand in,
 * where that was chosen: stale, for who finds nothing better, and not after it has expired. All else fails as C10 of {@link Cache}
 * says. So does a put; but where copies stand in, its entry is the copy then, as after one that was done; elsewhere the key is
 * forgotten. What the shared tier says when it is back holds, once the local lifetime has ended or an invalidation has come.
 *
 * <p>A value that is too large for the local tier is in the shared one only.
 *
 * <p>Thread-safe. Owns both tiers: closing it closes them.
 */
public final class TwoLevelCache<V> implements Cache<V> {
    private static final Duration STAND_IN_MAX = Duration.ofDays(3_650);

    private final LocalCache<V> local;
    private final Cache<V> shared;
    private final long localNanos;
    private final long standInNanos;
    private final Invalidations invalidations;
    private final TimeSource time;
    private final Stamps stamps = new Stamps();
    private final Invalidations.Subscription subscription;
    private volatile boolean closed;

    /**
     * Makes one whose copies do not stand in: for what users change, and would rather not see than see old.
     *
     * @param local in front; of this cache alone
     * @param shared behind
     * @param localTtl for how long a copy is given out at most, longer than nothing: the bound on what a lost invalidation can do
     * @param invalidations of the shared tier; they stay the caller's to close, after this
     * @param time the clock of both tiers
     * @throws ConfigurationException if the lifetime is wrong
     */
    public TwoLevelCache(
            LocalCache<V> local, Cache<V> shared, Duration localTtl, Invalidations invalidations, TimeSource time) {
        this(local, shared, localTtl, Duration.ZERO, invalidations, time);
    }

    /**
     * Makes one whose copies stand in while the shared tier is away: for what a {@link CacheAside} keeps.
     *
     * @param local in front; of this cache alone
     * @param shared behind
     * @param localTtl for how long a copy is given out at most, longer than nothing: the bound on what a lost invalidation can do
     * @param standIn for how long, from when it was kept, a copy is there for when the shared tier does not answer; zero, or from
     *     {@code localTtl} to 3,650 days
     * @param invalidations of the shared tier; they stay the caller's to close, after this
     * @param time the clock of both tiers
     * @throws ConfigurationException with everything that is wrong
     */
    public TwoLevelCache(
            LocalCache<V> local,
            Cache<V> shared,
            Duration localTtl,
            Duration standIn,
            Invalidations invalidations,
            TimeSource time) {
        check(localTtl, standIn);
        this.local = local;
        this.shared = shared;
        this.localNanos = localTtl.toNanos();
        this.standInNanos = standIn.toNanos();
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
        try {
            Optional<CacheEntry<V>> far = shared.get(key);
            learn(key, far, stamp);
            return far;
        } catch (TransientException e) {
            return Optional.ofNullable(standIn(List.of(key), e).get(key));
        }
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
            found.putAll(far(missing, before));
        }
        return found;
    }

    private Map<String, CacheEntry<V>> far(List<String> keys, Map<String, Long> before) {
        try {
            Map<String, CacheEntry<V>> far = shared.getAll(keys);
            before.forEach((key, stamp) -> learn(key, Optional.ofNullable(far.get(key)), stamp));
            return far;
        } catch (TransientException e) {
            return standIn(keys, e);
        }
    }

    /** Returns copies of all these keys, or throws: what is not here may be there. */
    private Map<String, CacheEntry<V>> standIn(List<String> keys, TransientException away) {
        Map<String, CacheEntry<V>> copies = local.standIn(keys);
        if (copies.size() < keys.size()) {
            throw away;
        }
        return copies;
    }

    @Override
    public void putAll(Map<String, CacheEntry<V>> entries) {
        Map<String, Long> before = begin(entries.keySet());
        boolean known = false;
        try {
            shared.putAll(entries);
            known = true;
        } catch (TransientException e) {
            known = standInNanos > 0;
            throw e;
        } finally {
            boolean replaces = known; // else it may have been done or not
            entries.forEach((key, entry) -> replace(key, entry, replaces ? before.getOrDefault(key, 0L) : -1));
        }
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

    /** Keeps what the shared tier says of a key, unless that has changed since this stamp was taken. */
    private void learn(String key, Optional<CacheEntry<V>> far, long stamp) {
        if (!closed) {
            stamps.ifStill(key, stamp, () -> far.ifPresentOrElse(entry -> keep(key, entry), () -> local.remove(key)));
        }
    }

    /** Ends a change of a key: the copy becomes this entry if nothing else was done to it since its stamp, and is forgotten if so. */
    private void replace(String key, CacheEntry<V> entry, long stamp) {
        stamps.change(key, () -> {
            if (stamps.of(key) == stamp) {
                keep(key, entry);
            } else {
                local.remove(key);
            }
        });
    }

    private void keep(String key, CacheEntry<V> entry) {
        if (!closed) {
            long now = time.epochNanos();
            long out = Math.min(entry.expiresNanos(), now + localNanos);
            local.keep(key, entry, out, Math.max(out, Math.min(entry.expiresNanos(), now + standInNanos)));
        }
    }

    private static void check(Duration localTtl, Duration standIn) {
        List<String> problems = new ArrayList<>();
        if (localTtl.isNegative() || localTtl.isZero()) {
            problems.add("localTtl was '" + localTtl + "' but it must be longer than nothing");
        }
        if (!standIn.isZero() && (standIn.compareTo(localTtl) < 0 || standIn.compareTo(STAND_IN_MAX) > 0)) {
            problems.add("standIn was '" + standIn + "' but it must be zero, or from localTtl '" + localTtl + "' to "
                    + STAND_IN_MAX);
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }
}
