package io.tsdash.store.writer;

import io.tsdash.error.ConfigurationException;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Settings of a {@link StoreWriter}. Single-threaded. */
public final class StoreWriterBuilder {
    private static final int LANES_MAX = 64;
    /** A trade's share of the time in which 100,000 trades a second fill a batch. */
    private static final long FILLED_IN_NANOS = 10_000;

    private static final long AGE_NANOS_MIN = 50_000_000;
    private static final long AGE_NANOS_MAX = 1_000_000_000;
    private static final long SPILL_BYTES_MIN = 1L << 20;

    final MarketStore store;
    TimeSource time = TimeSource.system();
    StoreWriterListener listener = StoreWriterListener.NONE;
    int lanes = 1;
    int batch;
    Duration age;
    int capacity = 200_000;
    Duration retry = Duration.ofSeconds(10);
    int breakerFailures = 5;
    Duration breakerPauseMax = Duration.ofSeconds(10);
    Optional<Path> spill = Optional.empty();
    long spillBytesMax = 4L << 30;
    Duration closeTimeout = Duration.ofSeconds(3);

    StoreWriterBuilder(MarketStore store) {
        this.store = store;
        this.batch = store.capabilities().batch();
        this.age = Duration.ofNanos(Math.max(AGE_NANOS_MIN, Math.min(AGE_NANOS_MAX, batch * FILLED_IN_NANOS)));
    }

    /** Sets the clocks; those of the machine if not called. */
    public StoreWriterBuilder time(TimeSource value) {
        time = value;
        return this;
    }

    /** Sets who hears of retries, spills and losses. */
    public StoreWriterBuilder listener(StoreWriterListener value) {
        listener = value;
        return this;
    }

    /** Sets how many batches may be under way at once, 1 to 64; a symbol stays on one lane. 1 if not called. */
    public StoreWriterBuilder lanes(int value) {
        lanes = value;
        return this;
    }

    /** Sets how many trades make a batch full; what the store likes best if not called. */
    public StoreWriterBuilder batch(int value) {
        batch = value;
        return this;
    }

    /**
     * Sets how long a trade waits for its batch to fill. If not called: as long as 100,000 trades a second need for the batch
     * that the store likes best, so 50 ms or more; half a second for 50,000 trades, as ClickHouse wants few large writes.
     */
    public StoreWriterBuilder age(Duration value) {
        age = value;
        return this;
    }

    /** Sets how many trades may wait in memory, all lanes together, before callers wait; 200,000 if not called. */
    public StoreWriterBuilder capacity(int value) {
        capacity = value;
        return this;
    }

    /** Sets how long a write that fails in passing is tried again before it goes to disk; 10 s if not called. */
    public StoreWriterBuilder retry(Duration value) {
        retry = value;
        return this;
    }

    /**
     * Sets when the store is left alone: after so many failures in a row, for pauses that double up to this; 5 and 10 s if
     * not called.
     */
    public StoreWriterBuilder breaker(int failures, Duration pauseMax) {
        breakerFailures = failures;
        breakerPauseMax = pauseMax;
        return this;
    }

    /**
     * Sets the folder that takes trades while the store is away, and what it refuses; without it they are lost then, and told.
     *
     * @param folder made when it is not there; of this writer alone
     * @param bytesMax how much may wait there before callers wait, at least 1 MiB
     */
    public StoreWriterBuilder spill(Path folder, long bytesMax) {
        spill = Optional.of(folder);
        spillBytesMax = bytesMax;
        return this;
    }

    /** Sets how long {@link StoreWriter#close} may take; 3 s if not called. */
    public StoreWriterBuilder closeTimeout(Duration value) {
        closeTimeout = value;
        return this;
    }

    /**
     * Starts the writer.
     *
     * @throws ConfigurationException with everything that is wrong
     * @throws io.tsdash.error.PermanentException if the folder for the spill cannot be used
     */
    public StoreWriter start() {
        List<String> problems = new ArrayList<>();
        if (lanes < 1 || lanes > LANES_MAX) {
            problems.add("lanes was '" + lanes + "' but it must be from 1 to " + LANES_MAX);
        }
        if (batch < 1) {
            problems.add("batch was '" + batch + "' but it must be at least 1");
        }
        if (capacity < batch) {
            problems.add("capacity was '" + capacity + "' but it must be at least batch, " + batch);
        }
        if (age.isNegative() || retry.isNegative() || closeTimeout.isNegative()) {
            problems.add("age was '" + age + "', retry '" + retry + "' and closeTimeout '" + closeTimeout
                    + "' but none may be negative");
        }
        if (spill.isPresent() && spillBytesMax < SPILL_BYTES_MIN) {
            problems.add("spill bytesMax was '" + spillBytesMax + "' but it must be at least " + SPILL_BYTES_MIN);
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new StoreWriter(this);
    }
}
