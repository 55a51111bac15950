package io.tsdash.cache;

import io.tsdash.batch.BatchTarget;
import io.tsdash.batch.BatchWriter;
import io.tsdash.batch.BatchWriterBuilder;
import io.tsdash.error.ConfigurationException;
import io.tsdash.time.TimeSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Settings of a {@link WriteBehind}, checked all at once when started. Single-threaded. */
public final class WriteBehindBuilder<V> {
    private final BatchWriterBuilder<KeyedValue<V>> batches;
    final Cache<V> cache;
    final CachePolicy policy;
    Duration wait = Duration.ofSeconds(1);
    WriteBehindListener<V> listener = new WriteBehindListener<>() {};
    TimeSource time = TimeSource.system();

    WriteBehindBuilder(BatchTarget<KeyedValue<V>> store, Cache<V> cache, CachePolicy policy) {
        this.cache = cache;
        this.policy = policy;
        batches = BatchWriter.to(store, KeyedValue<V>::key).name(policy.kind(), "tsdash-behind-");
    }

    /** Sets how many values may wait in memory; 200,000 if not called. */
    public WriteBehindBuilder<V> capacity(int value) {
        batches.capacity(value);
        return this;
    }

    /** Sets how many values make a batch full; 1,000 if not called. */
    public WriteBehindBuilder<V> batch(int value) {
        batches.batch(value);
        return this;
    }

    /** Sets how long a value waits for its batch to fill; 50 ms if not called. */
    public WriteBehindBuilder<V> age(Duration value) {
        batches.age(value);
        return this;
    }

    /** Sets how many batches may be under way at once, 1 to 64; a key stays on one lane. 1 if not called. */
    public WriteBehindBuilder<V> lanes(int value) {
        batches.lanes(value);
        return this;
    }

    /** From here on only the newest of the values of a key that wait in memory goes to the store. */
    public WriteBehindBuilder<V> conflate() {
        batches.conflate();
        return this;
    }

    /** Sets how long a write that fails in passing is tried again before it goes to disk; 10 s if not called. */
    public WriteBehindBuilder<V> retry(Duration value) {
        batches.retry(value);
        return this;
    }

    /** Sets when the store is left alone: after so many failures in a row, for pauses that double up to this; 5 and 10 s if not called. */
    public WriteBehindBuilder<V> breaker(int failures, Duration pauseMax) {
        batches.breaker(failures, pauseMax);
        return this;
    }

    /**
     * Sets the folder that takes values while the store is away, and those that it refuses; without it they are lost then, and told.
     *
     * @param folder made when it is not there; of this alone
     * @param bytesMax how much may wait there before callers wait, at least 1 MiB
     * @param codec of values
     */
    public WriteBehindBuilder<V> spill(Path folder, long bytesMax, CacheCodec<V> codec) {
        batches.spill(folder, bytesMax, new KeyedValueBytes<>(codec)).setAside(new SetAsideValues<>(folder, codec));
        return this;
    }

    /** Sets how long a caller waits for room before it is refused; 1 s if not called. */
    public WriteBehindBuilder<V> wait(Duration value) {
        wait = value;
        return this;
    }

    /** Sets how long {@link WriteBehind#close} may take; 3 s if not called. */
    public WriteBehindBuilder<V> closeTimeout(Duration value) {
        batches.closeTimeout(value);
        return this;
    }

    /** Sets who hears of retries, spills and losses. */
    public WriteBehindBuilder<V> listener(WriteBehindListener<V> value) {
        listener = value;
        batches.listener(value);
        return this;
    }

    /** Sets the clocks; those of the machine if not called. */
    public WriteBehindBuilder<V> time(TimeSource value) {
        time = value;
        batches.time(value);
        return this;
    }

    /**
     * Starts it.
     *
     * @throws ConfigurationException with everything that is wrong
     * @throws io.tsdash.error.PermanentException if the folder for the spill cannot be used
     */
    public WriteBehind<V> start() {
        if (wait.isNegative()) {
            throw new ConfigurationException(List.of("wait was '" + wait + "' but it must not be negative"));
        }
        return new WriteBehind<>(this, batches.start());
    }
}
