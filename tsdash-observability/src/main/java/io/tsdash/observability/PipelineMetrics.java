package io.tsdash.observability;

import io.tsdash.aggregation.Outcome;
import io.tsdash.error.TransientException;
import io.tsdash.model.MarketEvent;
import io.tsdash.pipeline.PipelineCounts;
import io.tsdash.pipeline.PipelineListener;
import io.tsdash.pipeline.StoreState;
import io.tsdash.source.Backfill;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.Gap;
import io.tsdash.source.Refused;
import io.tsdash.time.TimeSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/** Measures a pipeline: its feed, its steps, and the writers to its stores. Thread-safe. */
public final class PipelineMetrics extends StoreMetrics implements PipelineListener {
    private final TimeSource time;
    private final Meters.Histogram receiptLag;
    private final Meters.Histogram barsLag;
    private final PartitionLag partitions;
    private final Meters.Counter gaps;
    private final Meters.Counter missing;
    private final Meters.Counter whole;
    private final Meters.Counter partial;
    private final Meters.Counter refused;
    private final Meters.Counter full;
    private final Meters.Counter refusedByBus;
    private final Family<Meters.Counter> setAside;
    private volatile boolean live;
    private volatile double skewSeconds = Double.NaN;

    /**
     * @param stores names of those that get trades
     * @param time for lag
     */
    public PipelineMetrics(Meters meters, List<String> stores, TimeSource time) {
        super(meters, stores, time);
        this.time = time;
        receiptLag = meters.histogram(Metric.STREAM_LAG, "receipt");
        barsLag = meters.histogram(Metric.STREAM_LAG, "bars");
        partitions = new PartitionLag(time);
        gaps = meters.counter(Metric.FEED_GAPS);
        missing = meters.counter(Metric.FEED_GAP_MISSING);
        whole = meters.counter(Metric.FEED_BACKFILLS, "whole");
        partial = meters.counter(Metric.FEED_BACKFILLS, "partial");
        refused = meters.counter(Metric.FEED_REFUSED);
        full = meters.counter(Metric.BUS_FULL);
        refusedByBus = meters.counter(Metric.BUS_LOST, BusMetrics.ALL, "refused");
        setAside = Family.counters(meters, Metric.TRADES_SET_ASIDE);
        for (Outcome outcome : Outcome.values()) {
            if (outcome.isSetAside()) {
                setAside.get(outcome);
            }
        }
        meters.gauge(Metric.FEED_UP, () -> live ? 1 : 0);
        meters.gauge(Metric.FEED_CLOCK_SKEW, () -> skewSeconds);
    }

    /**
     * Reads what a pipeline counts itself.
     *
     * @param counts its counts, which do not go back
     */
    public static void read(Meters meters, Supplier<PipelineCounts> counts) {
        total(meters, Metric.FEED_EVENTS, counts, PipelineCounts::trades, "trade");
        total(meters, Metric.FEED_EVENTS, counts, PipelineCounts::quotes, "quote");
        total(meters, Metric.TRADES_LATE, counts, PipelineCounts::late);
        total(meters, Metric.TRADES_CORRECTED, counts, PipelineCounts::corrected);
        total(meters, Metric.TRADES_CANCELLED, counts, PipelineCounts::cancelled);
        total(meters, Metric.BARS, counts, PipelineCounts::barsClosed, "closed");
        total(meters, Metric.BARS, counts, PipelineCounts::barsRevised, "revised");
        meters.gauge(Metric.BARS_WAITING, () -> counts.get().barsWaiting());
    }

    /**
     * Reads how many events wait for a consumer, by partition.
     *
     * @param waiting by consumer and partition; what is not there counts as nothing
     */
    public static void waiting(
            Meters meters, String consumer, int partitions, Supplier<Map<String, Map<Integer, Long>>> waiting) {
        for (int i = 0; i < partitions; i++) {
            int partition = i;
            meters.gauge(
                    Metric.BUS_WAITING,
                    () -> waiting.get().getOrDefault(consumer, Map.of()).getOrDefault(partition, 0L),
                    consumer,
                    Integer.toString(partition));
        }
    }

    /**
     * Reads how far behind each partition is, on its way into the channels and bars.
     *
     * @param waiting how many events wait for the bars, by partition; those that are not there are not read by this server
     */
    public void partitionLag(Meters meters, int count, Supplier<Map<Integer, Long>> waiting) {
        for (int i = 0; i < count; i++) {
            int partition = i;
            meters.gauge(
                    Metric.STREAM_PARTITION_LAG,
                    () -> partitions.seconds(partition, waiting.get()),
                    Integer.toString(partition));
        }
    }

    /**
     * Reads how the writer to a store is.
     *
     * @param stores the states of all; without this one it counts as up, with nothing waiting
     */
    public static void store(Meters meters, String store, Supplier<List<StoreState>> stores) {
        gauge(
                meters,
                Metric.STORE_QUEUED,
                store,
                stores,
                state -> state.counts().queued(),
                0);
        gauge(
                meters,
                Metric.STORE_SPILL_SIZE,
                store,
                stores,
                state -> state.counts().onDisk(),
                0);
        gauge(meters, Metric.STORE_UP, store, stores, state -> state.problem().isEmpty() ? 1 : 0, 1);
    }

    private static void gauge(
            Meters meters,
            Metric metric,
            String store,
            Supplier<List<StoreState>> stores,
            ToDoubleFunction<StoreState> value,
            double without) {
        meters.gauge(
                metric,
                () -> {
                    Optional<StoreState> state = stores.get().stream()
                            .filter(each -> each.store().equals(store))
                            .findFirst();
                    return state.isPresent() ? value.applyAsDouble(state.get()) : without;
                },
                store);
    }

    private static void total(
            Meters meters,
            Metric metric,
            Supplier<PipelineCounts> counts,
            ToLongFunction<PipelineCounts> count,
            String... tags) {
        meters.total(metric, () -> count.applyAsLong(counts.get()), tags);
    }

    @Override
    public void onBatch(int partition, MarketEvent oldest) {
        receiptLag.record(oldest.receiveTimeNanos() - oldest.eventTimeNanos());
        long lagNanos = time.epochNanos() - oldest.eventTimeNanos();
        barsLag.record(lagNanos);
        partitions.read(partition, oldest, lagNanos);
    }

    @Override
    public void onFeedState(ConnectionState state, String reason) {
        live = state == ConnectionState.LIVE;
    }

    @Override
    public void onGap(Gap gap) {
        gaps.add(1);
    }

    @Override
    public void onBackfill(Backfill backfill) {
        if (backfill.whole()) {
            whole.add(1);
        } else {
            partial.add(1);
            missing.add(Math.max(1, backfill.missing()));
        }
    }

    @Override
    public void onClockSkew(long nanos) {
        skewSeconds = Unit.SECONDS.of(nanos);
    }

    @Override
    public void onRefused(Refused input) {
        refused.add(1);
    }

    @Override
    public void onSetAside(MarketEvent event, Outcome outcome) {
        setAside.get(outcome).add(1);
    }

    @Override
    public void onNotPublished(RuntimeException cause) {
        (cause instanceof TransientException ? full : refusedByBus).add(1);
    }
}
