package io.tsdash.batch;

import io.tsdash.error.ConfigurationException;
import io.tsdash.time.TimeSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Settings of a {@link BatchWriter}. Single-threaded. */
public final class BatchWriterBuilder<T> {
    private static final int LANES_MAX = 64;
    private static final long SPILL_BYTES_MIN = 1L << 20;

    final BatchTarget<T> target;
    final Function<? super T, ?> key;
    String name = "batch";
    String threads = "tsdash-batch-";
    TimeSource time = TimeSource.system();
    BatchListener<? super T> listener = new BatchListener<T>() {};
    int lanes = 1;
    int batch = 1_000;
    Duration age = Duration.ofMillis(50);
    int capacity = 200_000;
    boolean conflates;
    Duration retry = Duration.ofSeconds(10);
    int breakerFailures = 5;
    Duration breakerPauseMax = Duration.ofSeconds(10);
    Optional<Path> spill = Optional.empty();
    Optional<BatchCodec<T>> codec = Optional.empty();
    long spillBytesMax = 4L << 30;
    Optional<SetAside<T>> setAside = Optional.empty();
    Duration closeTimeout = Duration.ofSeconds(3);

    BatchWriterBuilder(BatchTarget<T> target, Function<? super T, ?> key) {
        this.target = target;
        this.key = key;
    }

    /** Sets what its listener is told that it is called, and what its threads are called before that. */
    public BatchWriterBuilder<T> name(String value, String threadsBefore) {
        name = value;
        threads = threadsBefore;
        return this;
    }

    /** Sets the clocks; those of the machine if not called. */
    public BatchWriterBuilder<T> time(TimeSource value) {
        time = value;
        return this;
    }

    /** Sets who hears of retries, spills and losses. */
    public BatchWriterBuilder<T> listener(BatchListener<? super T> value) {
        listener = value;
        return this;
    }

    /** Sets how many batches may be under way at once, 1 to 64; a key stays on one lane. 1 if not called. */
    public BatchWriterBuilder<T> lanes(int value) {
        lanes = value;
        return this;
    }

    /** Sets how many items make a batch full; 1,000 if not called. */
    public BatchWriterBuilder<T> batch(int value) {
        batch = value;
        return this;
    }

    /** Sets how long an item waits for its batch to fill; 50 ms if not called. */
    public BatchWriterBuilder<T> age(Duration value) {
        age = value;
        return this;
    }

    /** Sets how many items may wait in memory, all lanes together, before callers wait; 200,000 if not called. */
    public BatchWriterBuilder<T> capacity(int value) {
        capacity = value;
        return this;
    }

    /** Sets how long a write that fails in passing is tried again before it goes to disk; 10 s if not called. */
    public BatchWriterBuilder<T> retry(Duration value) {
        retry = value;
        return this;
    }

    /**
     * Sets when the target is left alone: after so many failures in a row, for pauses that double up to this; 5 and 10 s if
     * not called.
     */
    public BatchWriterBuilder<T> breaker(int failures, Duration pauseMax) {
        breakerFailures = failures;
        breakerPauseMax = pauseMax;
        return this;
    }

    /** From here on the newest item of a key takes the place of one that waits in memory, and its turn. */
    public BatchWriterBuilder<T> conflate() {
        conflates = true;
        return this;
    }

    /**
     * Sets the folder that takes items while the target is away; without it they are lost then, and told.
     *
     * @param folder made when it is not there; of this writer alone
     * @param bytesMax how much may wait there before callers wait, at least 1 MiB
     * @param form of items on disk
     */
    public BatchWriterBuilder<T> spill(Path folder, long bytesMax, BatchCodec<T> form) {
        spill = Optional.of(folder);
        spillBytesMax = bytesMax;
        codec = Optional.of(form);
        return this;
    }

    /** Sets what keeps items that the target refuses for good; without it the listener alone hears of them. */
    public BatchWriterBuilder<T> setAside(SetAside<T> value) {
        setAside = Optional.of(value);
        return this;
    }

    /** Sets how long {@link BatchWriter#close} may take; 3 s if not called. */
    public BatchWriterBuilder<T> closeTimeout(Duration value) {
        closeTimeout = value;
        return this;
    }

    /**
     * Starts the writer.
     *
     * @throws ConfigurationException with everything that is wrong
     * @throws io.tsdash.error.PermanentException if the folder for the spill cannot be used
     */
    public BatchWriter<T> start() {
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
        return new BatchWriter<>(this);
    }
}
