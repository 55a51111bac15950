package io.tsdash.cache;

import io.tsdash.time.TimeSource;
import java.util.List;

/**
 * What belongs to a user's session, for 24 hours from the last save: positions and watch-lists, on caches that all nodes share.
 *
 * <p>A cache may lose it: keep elsewhere what must not be lost, and save it here again. Of two saves at the same time the later one
 * holds. Thread-safe; blocks and fails as its caches do.
 */
public final class UserSessions {
    private final Cache<List<Position>> positions;
    private final Cache<List<WatchList>> watchLists;
    private final TimeSource time;

    /**
     * @param positions for positions; stays the caller's to close
     * @param watchLists for watch-lists; stays the caller's to close
     * @param time the clock
     */
    public UserSessions(Cache<List<Position>> positions, Cache<List<WatchList>> watchLists, TimeSource time) {
        this.positions = positions;
        this.watchLists = watchLists;
        this.time = time;
    }

    /** Returns the codec for a shared cache of positions. */
    public static CacheCodec<List<Position>> positionsCodec() {
        return UserCodecs.POSITIONS;
    }

    /** Returns the codec for a shared cache of watch-lists. */
    public static CacheCodec<List<WatchList>> watchListsCodec() {
        return UserCodecs.WATCH_LISTS;
    }

    /**
     * Returns a user's positions; none when none are kept.
     *
     * @param user a key for caches: 1 to 512 bytes, no control characters
     */
    public List<Position> positions(String user) {
        return positions.get(user).flatMap(CacheEntry::value).orElse(List.of());
    }

    /** Keeps a user's positions in place of those before. */
    public void savePositions(String user, List<Position> values) {
        positions.put(user, entry(values));
    }

    /** Returns a user's watch-lists; none when none are kept. */
    public List<WatchList> watchLists(String user) {
        return watchLists.get(user).flatMap(CacheEntry::value).orElse(List.of());
    }

    /** Keeps a user's watch-lists in place of those before. */
    public void saveWatchLists(String user, List<WatchList> values) {
        watchLists.put(user, entry(values));
    }

    /** Forgets all of a user, as when a session ends. */
    public void forget(String user) {
        positions.remove(user);
        watchLists.remove(user);
    }

    private <T> CacheEntry<List<T>> entry(List<T> values) {
        return CacheEntry.of(List.copyOf(values), time.epochNanos(), CachePolicy.USER_DATA.lifetime(0));
    }
}
