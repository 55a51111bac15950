package io.tsdash.cache;

import io.tsdash.time.TimeSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps entries under keys for a while. It may lose any of them at any time, and says nothing of it.
 *
 * <ul>
 *   <li>C1: What was put under a key is what comes back, with its times as they were; nothing for a key that is unknown, removed
 *       or expired.
 *   <li>C2: An entry is there until it expires, and gone from that moment on. A stale entry is there and says so.
 *   <li>C3: An entry that says that there is nothing is kept like any other.
 *   <li>C4: Several keys at once are as each alone, in one round trip to where they are kept; what is not there is not in the
 *       answer. None at all is no error.
 *   <li>C5: A removed key is gone when the call returns. To remove what is not there is no error.
 *   <li>C6: A key is 1 to {@value CacheKeys#BYTES_MAX} bytes of UTF-8 without control characters. Other keys are refused with
 *       {@link io.tsdash.error.InvalidInputException}, and nothing of the call is done.
 *   <li>C7: A value that is larger than the {@linkplain #limits() limit} is refused likewise.
 *   <li>C8: It never keeps more than its limits; what is least of use leaves.
 *   <li>C9: To put an entry that has expired is to remove its key.
 *   <li>C10: While its server is away a call fails with {@link io.tsdash.error.TransientException} within the timeout that it was
 *       given; it never hangs, and works again when the server is back. Whether a put or removal was done then is not known.
 *   <li>C11: After {@link #close} a call is refused with {@link io.tsdash.error.PermanentException}; to close again is no error.
 *   <li>C12: Calls at the same time see whole entries.
 * </ul>
 *
 * <p>Thread-safe. Calls may block for as long as a server's answer takes; a local tier never does.
 */
public interface Cache<V> extends AutoCloseable {

    /** Returns the entries of those keys that are there. */
    Map<String, CacheEntry<V>> getAll(Collection<String> keys);

    /** Puts entries, in place of those that were there. */
    void putAll(Map<String, CacheEntry<V>> entries);

    /** Removes keys. */
    void removeAll(Collection<String> keys);

    /** Returns how much it keeps. */
    CacheLimits limits();

    /** Returns the entry of a key, if it is there. */
    default Optional<CacheEntry<V>> get(String key) {
        return Optional.ofNullable(getAll(List.of(key)).get(key));
    }

    /** Puts an entry, in place of the one that was there. */
    default void put(String key, CacheEntry<V> entry) {
        putAll(Map.of(key, entry));
    }

    /** Removes a key. */
    default void remove(String key) {
        removeAll(List.of(key));
    }

    @Override
    void close();

    /**
     * Returns a plain cache in memory, for tests and as a measure for others: a map under a lock. {@link LocalCache} is the fast one.
     *
     * @param entriesMax how many entries it keeps, at least 1; the one used longest ago leaves
     */
    static <V> Cache<V> inMemory(int entriesMax, TimeSource time) {
        return new InMemoryCache<>(entriesMax, time);
    }
}
