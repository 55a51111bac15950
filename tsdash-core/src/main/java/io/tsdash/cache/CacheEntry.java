package io.tsdash.cache;

import io.tsdash.error.InvalidInputException;
import java.util.Optional;

/**
 * What a cache keeps under a key, with its times: nanoseconds since the epoch, by the clock of who wrote it. Immutable.
 *
 * @param value what was found; empty: it is known that there is nothing
 * @param writtenNanos when it was found or written
 * @param staleNanos from when on it should be found anew; not before it was written
 * @param expiresNanos from when on it is gone; not before it is stale
 */
public record CacheEntry<V>(Optional<V> value, long writtenNanos, long staleNanos, long expiresNanos) {

    /** @throws InvalidInputException if its times are not in order */
    public CacheEntry {
        if (staleNanos < writtenNanos || expiresNanos < staleNanos) {
            throw new InvalidInputException("entry was written at '" + writtenNanos + "', stale from '" + staleNanos
                    + "' and expires at '" + expiresNanos + "' but these must not go back");
        }
    }

    /** Returns an entry that is found now, with these times ahead of it. */
    public static <V> CacheEntry<V> of(V value, long nowNanos, Lifetime lifetime) {
        return of(Optional.of(value), nowNanos, lifetime);
    }

    /** Returns an entry of what is found now, perhaps nothing. */
    public static <V> CacheEntry<V> of(Optional<V> value, long nowNanos, Lifetime lifetime) {
        long stale = later(nowNanos, lifetime.fresh().toNanos());
        return new CacheEntry<>(
                value, nowNanos, stale, later(stale, lifetime.stale().toNanos()));
    }

    /** Returns how old it is; never less than nothing, also when the clock of who wrote it is ahead. */
    public long ageNanos(long nowNanos) {
        return Math.max(0, nowNanos - writtenNanos);
    }

    /** Returns whether it should be found anew. */
    public boolean isStale(long nowNanos) {
        return nowNanos >= staleNanos;
    }

    /** Returns whether it is gone. */
    public boolean isExpired(long nowNanos) {
        return nowNanos >= expiresNanos;
    }

    private static long later(long nanos, long by) {
        return nanos > Long.MAX_VALUE - by ? Long.MAX_VALUE : nanos + by;
    }
}
