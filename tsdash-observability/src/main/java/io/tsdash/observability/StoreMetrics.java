package io.tsdash.observability;

import io.tsdash.model.Trade;
import io.tsdash.store.MarketStore;
import io.tsdash.store.writer.StoreWriterListener;
import io.tsdash.time.TimeSource;
import java.util.List;

/** Measures what writers to stores do; how long their writes take, {@link MeteredMarketStore} does. Thread-safe. */
public class StoreMetrics implements StoreWriterListener {
    private static final String FULL = "full";
    private static final String DAMAGED = "damaged";

    private final TimeSource time;
    private final Meters.Histogram lag;
    private final Family<Meters.Counter> rows;
    private final Family<Meters.Counter> batches;
    private final Family<Meters.Counter> retries;
    private final Family<Meters.Counter> spillFaults;

    /**
     * @param stores their names, for whose counters to be there from the start
     * @param time for lag
     */
    public StoreMetrics(Meters meters, List<String> stores, TimeSource time) {
        this.time = time;
        lag = meters.histogram(Metric.STREAM_LAG, "store");
        rows = Family.counters(meters, Metric.STORE_ROWS);
        batches = Family.counters(meters, Metric.STORE_BATCHES);
        retries = Family.counters(meters, Metric.STORE_RETRIES);
        spillFaults = Family.counters(meters, Metric.STORE_SPILL_FAULTS);
        for (String store : stores) {
            batches.get(store);
            retries(store);
            spillFaults.get(store, FULL);
            spillFaults.get(store, DAMAGED);
            for (String outcome : List.of("stored", "duplicate", "spilled", "replayed", "set_aside", "lost")) {
                rows.get(store, outcome);
            }
        }
    }

    /** Reads how much of a store's pool of connections is in use, where it has one. */
    public static void read(Meters meters, MarketStore store) {
        String name = store.capabilities().name();
        store.poolUse().ifPresent(use -> {
            meters.gauge(
                    Metric.STORE_POOL_USED, () -> store.poolUse().orElse(use).inUse(), name);
            meters.gauge(Metric.STORE_POOL_MAX, use::max, name);
        });
    }

    @Override
    public void onStored(String store, List<? extends Trade> batch, int stored, int duplicates, long nanos) {
        lag.record(time.epochNanos() - batch.get(0).eventTimeNanos());
        batches.get(store).add(1);
        rows.get(store, "stored").add(stored - duplicates);
        rows.get(store, "duplicate").add(duplicates);
    }

    @Override
    public void onStoreRetry(String store, int trades, int attempt, RuntimeException cause) {
        retries(store).add(1);
    }

    /** Returns what counts writes to a store that are tried again, of trades or of bars. */
    final Meters.Counter retries(String store) {
        return retries.get(store);
    }

    @Override
    public void onSpillFull(String store, String reason) {
        spillFaults.get(store, FULL).add(1);
    }

    @Override
    public void onSpillDamaged(String store, String file, String reason) {
        spillFaults.get(store, DAMAGED).add(1);
    }

    @Override
    public void onSpilled(String store, int trades, RuntimeException cause) {
        rows.get(store, "spilled").add(trades);
    }

    @Override
    public void onReplayed(String store, int trades) {
        rows.get(store, "replayed").add(trades);
    }

    @Override
    public void onSetAside(String store, Trade trade, RuntimeException reason) {
        rows.get(store, "set_aside").add(1);
    }

    @Override
    public void onLost(String store, int trades, RuntimeException cause) {
        rows.get(store, "lost").add(trades);
    }
}
