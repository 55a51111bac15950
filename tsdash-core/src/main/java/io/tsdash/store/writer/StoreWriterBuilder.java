package io.tsdash.store.writer;

import io.tsdash.batch.BatchWriter;
import io.tsdash.batch.BatchWriterBuilder;
import io.tsdash.model.Trade;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import java.nio.file.Path;
import java.time.Duration;

/** Settings of a {@link StoreWriter}. Single-threaded. */
public final class StoreWriterBuilder {
    /** A trade's share of the time in which 100,000 trades a second fill a batch. */
    private static final long FILLED_IN_NANOS = 10_000;

    private static final long AGE_NANOS_MIN = 50_000_000;
    private static final long AGE_NANOS_MAX = 1_000_000_000;

    private final BatchWriterBuilder<Trade> settings;

    StoreWriterBuilder(MarketStore store) {
        int batch = store.capabilities().batch();
        settings = BatchWriter.<Trade>to(trades -> store.appendTrades(trades).duplicates(), Trade::symbol)
                .name(store.capabilities().name(), "tsdash-store-")
                .batch(batch)
                .age(Duration.ofNanos(Math.max(AGE_NANOS_MIN, Math.min(AGE_NANOS_MAX, batch * FILLED_IN_NANOS))));
    }

    /** Sets the clocks; those of the machine if not called. */
    public StoreWriterBuilder time(TimeSource value) {
        settings.time(value);
        return this;
    }

    /** Sets who hears of retries, spills and losses. */
    public StoreWriterBuilder listener(StoreWriterListener value) {
        settings.listener(value);
        return this;
    }

    /** Sets how many batches may be under way at once, 1 to 64; a symbol stays on one lane. 1 if not called. */
    public StoreWriterBuilder lanes(int value) {
        settings.lanes(value);
        return this;
    }

    /** Sets how many trades make a batch full; what the store likes best if not called. */
    public StoreWriterBuilder batch(int value) {
        settings.batch(value);
        return this;
    }

    /**
     * Sets how long a trade waits for its batch to fill. If not called: as long as 100,000 trades a second need for the batch
     * that the store likes best, so 50 ms or more; a second for 100,000 trades, as ClickHouse wants few large writes.
     */
    public StoreWriterBuilder age(Duration value) {
        settings.age(value);
        return this;
    }

    /** Sets how many trades may wait in memory, all lanes together, before callers wait; 200,000 if not called. */
    public StoreWriterBuilder capacity(int value) {
        settings.capacity(value);
        return this;
    }

    /** Sets how long a write that fails in passing is tried again before it goes to disk; 10 s if not called. */
    public StoreWriterBuilder retry(Duration value) {
        settings.retry(value);
        return this;
    }

    /**
     * Sets when the store is left alone: after so many failures in a row, for pauses that double up to this; 5 and 10 s if
     * not called.
     */
    public StoreWriterBuilder breaker(int failures, Duration pauseMax) {
        settings.breaker(failures, pauseMax);
        return this;
    }

    /**
     * Sets the folder that takes trades while the store is away, and what it refuses; without it they are lost then, and told.
     *
     * @param folder made when it is not there; of this writer alone
     * @param bytesMax how much may wait there before callers wait, at least 1 MiB
     */
    public StoreWriterBuilder spill(Path folder, long bytesMax) {
        settings.spill(folder, bytesMax, new TradeBytes()).setAside(new SetAsideFile(folder));
        return this;
    }

    /** Sets how long {@link StoreWriter#close} may take; 3 s if not called. */
    public StoreWriterBuilder closeTimeout(Duration value) {
        settings.closeTimeout(value);
        return this;
    }

    /**
     * Starts the writer.
     *
     * @throws io.tsdash.error.ConfigurationException with everything that is wrong
     * @throws io.tsdash.error.PermanentException if the folder for the spill cannot be used
     */
    public StoreWriter start() {
        return new StoreWriter(settings.start());
    }
}
