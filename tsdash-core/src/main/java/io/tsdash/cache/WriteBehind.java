package io.tsdash.cache;

import io.tsdash.batch.BatchCounts;
import io.tsdash.batch.BatchTarget;
import io.tsdash.batch.BatchWriter;
import io.tsdash.error.TransientException;
import io.tsdash.error.TsdashException;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Writes a value to the cache at once, and to its store later, in batches: what comes in numbers, such as quotes and ticks.
 *
 * <p>When {@link #put} returns, the value is in a bounded queue to the store, and in the cache unless that is away, which is told. It
 * is not in the store yet: who reads it there, or after the cache has lost it, gets an older one. Values of a key reach the store,
 * and the cache, in the order of the calls; with {@link WriteBehindBuilder#conflate} only the newest of those that wait. What the
 * store does not take in passing is tried again, then waits on disk; what it refuses for good is set aside with the reason; see
 * {@link BatchWriter}. A crash loses what waits in memory.
 *
 * <p>Thread-safe. While a value goes to queue and cache, other calls for its key wait: their order would be two orders otherwise.
 */
public final class WriteBehind<V> implements AutoCloseable {
    private final BatchWriter<KeyedValue<V>> writer;
    private final Cache<V> cache;
    private final CachePolicy policy;
    private final Duration wait;
    private final WriteBehindListener<V> listener;
    private final TimeSource time;
    private final KeyLocks locks = new KeyLocks();

    WriteBehind(WriteBehindBuilder<V> settings, BatchWriter<KeyedValue<V>> writer) {
        this.writer = writer;
        cache = settings.cache;
        policy = settings.policy;
        wait = settings.wait;
        listener = settings.listener;
        time = settings.time;
    }

    /**
     * Returns the settings of a write-behind.
     *
     * @param store takes batches; the same values may come again after a failure
     * @param cache stays the caller's to close, after this
     * @param policy how long values are good for in the cache, and what they are called
     */
    public static <V> WriteBehindBuilder<V> to(BatchTarget<KeyedValue<V>> store, Cache<V> cache, CachePolicy policy) {
        return new WriteBehindBuilder<>(store, cache, policy);
    }

    /**
     * Writes a value.
     *
     * @throws io.tsdash.error.InvalidInputException if the key breaks the rule for keys; nothing is written
     * @throws TransientException if there was no room in time; nothing is written
     * @throws io.tsdash.error.PermanentException if this is closed
     */
    public void put(String key, V value) throws InterruptedException {
        CacheKeys.check(key);
        locks.with(key, wait, () -> {
            if (!offer(key, value)) {
                throw new TransientException("no room for key '" + key + "' on the way to the store of " + policy.kind()
                        + " within " + wait + ": " + writer.counts().queued() + " wait; " + writer.problem());
            }
            keep(key, value);
        });
    }

    /**
     * Writes at once what waits for its batch to fill.
     *
     * @return whether all that was put before is in the store, on disk, set aside or lost, within the timeout
     */
    public boolean flush(Duration timeout) throws InterruptedException {
        return writer.flush(timeout);
    }

    /** Returns what was done so far. */
    public BatchCounts counts() {
        return writer.counts();
    }

    /** Returns why the store does not take writes; empty while it does. */
    public String problem() {
        return writer.problem();
    }

    /** Brings what waits to the store, each batch tried once; what fails goes to disk, or is told as lost where there is none. */
    @Override
    public void close() {
        writer.close();
    }

    private boolean offer(String key, V value) {
        try {
            return writer.offer(new KeyedValue<>(key, value), wait);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientException("interrupted while key '" + key + "' waited for room", e);
        }
    }

    private void keep(String key, V value) {
        double chance = ThreadLocalRandom.current().nextDouble();
        try {
            cache.put(key, CacheEntry.of(value, time.epochNanos(), policy.lifetime(chance)));
        } catch (TsdashException e) {
            listener.onCacheFailed(policy.kind(), key, e);
        }
    }
}
