package io.tsdash.observability;

import io.tsdash.store.MarketStore;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures what a store takes on disk: asks it from time to time, by a thread of its own, so that neither a reader of the metrics nor
 * a writer waits for the answer. There is no value before the first answer, while the store is away, and where it does not tell.
 */
public final class StoreSize implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StoreSize.class);

    private final MarketStore store;
    private final String name;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "tsdash-store-size");
        made.setDaemon(true);
        return made;
    });
    private volatile double bytes = Double.NaN;

    /** Measures this store from now on, when it is told to {@link #ask} or {@link #every}. */
    public StoreSize(MarketStore store, Meters meters) {
        this.store = store;
        this.name = store.capabilities().name();
        meters.gauge(Metric.STORE_SIZE, () -> bytes, name);
    }

    /** Asks now and then again after each pause. */
    @SuppressWarnings("FutureReturnValueIgnored") // it ends with its thread, and never fails
    public StoreSize every(Duration pause) {
        thread.scheduleWithFixedDelay(this::ask, 0, pause.toMillis(), TimeUnit.MILLISECONDS);
        return this;
    }

    /** Asks once, on the thread of the caller. */
    void ask() {
        try {
            OptionalLong answer = store.storedBytes();
            bytes = answer.isPresent() ? answer.getAsLong() : Double.NaN;
        } catch (RuntimeException e) {
            bytes = Double.NaN;
            LOG.debug("{} does not tell its size now", name, e);
        }
    }

    /** Ends the asking; a question under way ends with its store's timeout. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
