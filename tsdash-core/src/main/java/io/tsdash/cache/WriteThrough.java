package io.tsdash.cache;

import io.tsdash.error.ConfigurationException;
import java.time.Duration;
import java.util.List;

/**
 * Writes a value to its store, then to the cache that it is read from: what is critical, such as orders and balances.
 *
 * <p>When {@link #put} returns, the store has the value, and who asks this node's cache-aside gets it, or a later one. When it throws,
 * the store may have it or not, and the cache forgets the key, so that the store is asked. Writes of one key follow one another on
 * this node. Of two nodes that write one key at the same time, one may have the other's value in the shared cache until that
 * expires: let one node write a key, as with a partition of the bus.
 *
 * <p>A cache that is away does not fail the write; it is told ({@link CacheAsideListener#onCacheFailed}), and an old value in it may
 * be read until it expires. Thread-safe.
 */
public final class WriteThrough<V> {
    private final ValueWriter<V> store;
    private final CacheAside<V> cache;
    private final Duration wait;
    private final KeyLocks locks = new KeyLocks();

    /**
     * @param store keeps values for good
     * @param cache what they are read from
     * @param wait for how long a write waits for another of its key, at most
     * @throws ConfigurationException if that is negative
     */
    public WriteThrough(ValueWriter<V> store, CacheAside<V> cache, Duration wait) {
        if (wait.isNegative()) {
            throw new ConfigurationException(List.of("wait was '" + wait + "' but it must not be negative"));
        }
        this.store = store;
        this.cache = cache;
        this.wait = wait;
    }

    /**
     * Writes a value.
     *
     * @throws io.tsdash.error.InvalidInputException if the key breaks the rule for keys; nothing is written
     * @throws io.tsdash.error.TransientException if another write of the key has not ended in time; nothing is written
     * @throws io.tsdash.error.TsdashException what the store throws
     */
    public void put(String key, V value) throws InterruptedException {
        CacheKeys.check(key);
        locks.with(key, wait, () -> {
            try {
                store.write(key, value);
            } catch (RuntimeException e) {
                cache.invalidate(key);
                throw e;
            }
            cache.put(key, value);
        });
    }
}
