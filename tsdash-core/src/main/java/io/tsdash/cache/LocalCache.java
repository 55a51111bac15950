package io.tsdash.cache;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.tsdash.error.InvalidInputException;
import io.tsdash.error.PermanentException;
import io.tsdash.time.TimeSource;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;

/**
 * The tier in this process: values as they are, on Caffeine, whose policy (W-TinyLFU; Einziger, Friedman and Manes, "TinyLFU",
 * 2017) keeps what is used often and lately.
 *
 * <p>A hit costs one look-up and one reading of the clock, two where copies stand in. Entries leave by a timer wheel when they expire, also when nobody asks
 * for them, as long as the cache is used at all. Thread-safe; no call blocks.
 */
public final class LocalCache<V> implements Cache<V> {
    /** Is given out until one moment, and then stands in until another. */
    private record Held<V>(CacheEntry<V> entry, long outNanos, long untilNanos) {
        CacheEntry<V> standIn() {
            long stale = Math.max(entry.writtenNanos(), Math.min(entry.staleNanos(), outNanos));
            return new CacheEntry<>(entry.value(), entry.writtenNanos(), stale, entry.expiresNanos());
        }
    }

    private final CacheLimits limits;
    private final Optional<ToIntFunction<? super V>> sizeOf;
    private final long weightMin;
    private final TimeSource time;
    private final com.github.benmanes.caffeine.cache.Cache<String, Held<V>> held;
    private volatile boolean closed;

    LocalCache(LocalCacheBuilder<V> settings) {
        limits = new CacheLimits(settings.entriesMax, settings.bytesMax, settings.valueBytesMax);
        sizeOf = settings.sizeOf;
        time = settings.time;
        Caffeine<Object, Object> policy = Caffeine.newBuilder()
                .ticker(time::monotonicNanos)
                .executor(Runnable::run); // bounds hold when a call returns, not some time after
        Caffeine<String, Held<V>> timed = policy.expireAfter(new UntilExpiry<>(time));
        if (limits.bytesMax() == Long.MAX_VALUE) {
            weightMin = 0;
            held = timed.maximumSize(limits.entriesMax()).build();
        } else {
            // Caffeine has one bound. An entry that weighs at least its share of the bytes bounds their number too.
            weightMin = 1 + (limits.bytesMax() - 1) / limits.entriesMax();
            held = timed.maximumWeight(limits.bytesMax()).weigher(this::weight).build();
        }
    }

    /** Returns the settings of a local cache. */
    public static <V> LocalCacheBuilder<V> builder() {
        return new LocalCacheBuilder<>();
    }

    @Override
    public Optional<CacheEntry<V>> get(String key) {
        Held<V> found = held.getIfPresent(key);
        if (found != null && isOut(found)) {
            return Optional.of(found.entry());
        }
        check(key);
        return Optional.empty();
    }

    @Override
    public Map<String, CacheEntry<V>> getAll(Collection<String> keys) {
        keys.forEach(this::check);
        Map<String, CacheEntry<V>> found = new HashMap<>();
        held.getAllPresent(keys).forEach((key, value) -> {
            if (isOut(value)) {
                found.put(key, value.entry());
            }
        });
        return found;
    }

    @Override
    public void put(String key, CacheEntry<V> entry) {
        check(key, entry);
        hold(key, entry, entry.expiresNanos(), entry.expiresNanos());
    }

    @Override
    public void putAll(Map<String, CacheEntry<V>> entries) {
        entries.forEach(this::check);
        entries.forEach((key, entry) -> hold(key, entry, entry.expiresNanos(), entry.expiresNanos()));
    }

    @Override
    public void remove(String key) {
        check(key);
        held.invalidate(key);
    }

    @Override
    public void removeAll(Collection<String> keys) {
        keys.forEach(this::check);
        held.invalidateAll(keys);
    }

    @Override
    public CacheLimits limits() {
        return limits;
    }

    /** Returns how many entries it keeps now. */
    public long size() {
        held.cleanUp();
        return held.estimatedSize();
    }

    @Override
    public void close() {
        closed = true;
        held.invalidateAll();
    }

    /**
     * Keeps an entry in place of the one that was there; one that is too large is not kept.
     *
     * @param outNanos until when it is given out; it may expire later
     * @param untilNanos until when it {@linkplain #standIn stands in}; not before
     */
    void keep(String key, CacheEntry<V> entry, long outNanos, long untilNanos) {
        if (bytes(entry) <= limits.valueBytesMax()) {
            hold(key, entry, outNanos, untilNanos);
        } else {
            held.invalidate(key);
        }
    }

    /** Returns the entries of those keys that are there, also those that are given out no more: they are stale since. */
    Map<String, CacheEntry<V>> standIn(Collection<String> keys) {
        Map<String, CacheEntry<V>> found = new HashMap<>();
        held.getAllPresent(keys).forEach((key, value) -> found.put(key, value.standIn()));
        return found;
    }

    void clear() {
        held.invalidateAll();
    }

    private boolean isOut(Held<V> found) {
        return found.outNanos() == found.untilNanos() || time.epochNanos() < found.outNanos();
    }

    private void hold(String key, CacheEntry<V> entry, long outNanos, long untilNanos) {
        if (time.epochNanos() >= untilNanos) {
            held.invalidate(key);
        } else {
            held.put(key, new Held<>(entry, outNanos, untilNanos));
        }
        if (closed) {
            held.invalidateAll();
        }
    }

    private void check(String key) {
        CacheKeys.check(key);
        if (closed) {
            throw new PermanentException("the cache is closed");
        }
    }

    private void check(String key, CacheEntry<V> entry) {
        check(key);
        if (bytes(entry) > limits.valueBytesMax()) {
            throw new InvalidInputException("value of key '" + key + "' has " + bytes(entry)
                    + " bytes but it must have at most " + limits.valueBytesMax());
        }
    }

    private int bytes(CacheEntry<V> entry) {
        return sizeOf.isEmpty() || entry.value().isEmpty()
                ? 0
                : sizeOf.get().applyAsInt(entry.value().get());
    }

    private int weight(String key, Held<V> value) {
        long bytes = (long) key.getBytes(StandardCharsets.UTF_8).length + bytes(value.entry());
        return (int) Math.min(Integer.MAX_VALUE, Math.max(weightMin, bytes));
    }

    /** An entry lives until its moment, whatever is done with it. */
    private record UntilExpiry<V>(TimeSource time) implements Expiry<String, Held<V>> {
        @Override
        public long expireAfterCreate(String key, Held<V> value, long currentNanos) {
            return value.untilNanos() - time.epochNanos();
        }

        @Override
        public long expireAfterUpdate(String key, Held<V> value, long currentNanos, long leftNanos) {
            return value.untilNanos() - time.epochNanos();
        }

        @Override
        public long expireAfterRead(String key, Held<V> value, long currentNanos, long leftNanos) {
            return leftNanos;
        }
    }
}
