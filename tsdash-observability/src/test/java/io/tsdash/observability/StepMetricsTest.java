package io.tsdash.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tsdash.aggregation.Outcome;
import io.tsdash.distribution.SessionOutput;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import io.tsdash.pipeline.StoreState;
import io.tsdash.source.Backfill;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.Gap;
import io.tsdash.store.AppendResult;
import io.tsdash.store.BarRange;
import io.tsdash.store.ForwardingMarketStore;
import io.tsdash.store.MarketStore;
import io.tsdash.store.PoolUse;
import io.tsdash.store.writer.StoreWriterCounts;
import io.tsdash.testkit.ManualTimeSource;
import io.tsdash.trace.TraceContext;
import io.tsdash.trace.Tracer;
import io.tsdash.trace.TradeSample;
import io.tsdash.trace.TradeTraces;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** What the steps tell, and what is measured of it. */
class StepMetricsTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long NOON = 1_700_000_000L * SECOND;

    private final ManualTimeSource time = new ManualTimeSource(NOON);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Meters meters = new MicrometerMeters(registry);

    @Test
    void lagIsFromTheOldestEventOfABatchToEachStep() {
        PipelineMetrics pipeline = new PipelineMetrics(meters, List.of("memory"), List.of("memory"), time);
        ServerMetrics server = new ServerMetrics(meters, time);
        Trade oldest = trade(NOON - 3 * SECOND, NOON - 2 * SECOND);

        pipeline.onBatch(0, oldest);
        pipeline.onStored("memory", List.of(oldest, trade(NOON, NOON)), 2, 1, SECOND / 4);
        time.advance(Duration.ofSeconds(1));
        server.sent(3, 600, oldest.eventTimeNanos());
        server.sent(1, 50, SessionOutput.NO_EVENT);

        assertThat(lagSeconds("receipt")).isEqualTo(1);
        assertThat(lagSeconds("bars")).isEqualTo(3);
        assertThat(lagSeconds("store")).isEqualTo(3);
        assertThat(lagSeconds("socket")).isEqualTo(4);
        assertThat(count(Metric.MESSAGES, "out")).isEqualTo(4);
        assertThat(count(Metric.TRAFFIC_BYTES, "out")).isEqualTo(650);
        assertThat(count(Metric.STORE_ROWS, "memory", "stored")).isEqualTo(1);
        assertThat(count(Metric.STORE_ROWS, "memory", "duplicate")).isEqualTo(1);
    }

    @Test
    void lagOfAPartitionIsThatOfItsNewestBatchAndGrowsOnlyWhileEventsWaitBehindIt() {
        PipelineMetrics pipeline = new PipelineMetrics(meters, List.of(), List.of(), time);
        Map<Integer, Long> waiting = new HashMap<>(Map.of(0, 0L, 1, 0L, 2, 0L));
        pipeline.partitionLag(meters, 3, () -> waiting);
        pipeline.onBatch(0, trade(NOON - 9 * SECOND, NOON));
        pipeline.onBatch(0, trade(NOON - SECOND, NOON));
        pipeline.onBatch(1, trade(NOON - 3 * SECOND, NOON));
        time.advance(Duration.ofSeconds(10));

        assertThat(partitionLag(0)).isEqualTo(1);
        assertThat(partitionLag(1)).isEqualTo(3);
        assertThat(partitionLag(2)).as("nothing was read of it").isNaN();
        waiting.put(1, 5L);
        assertThat(partitionLag(1)).isEqualTo(13);
        assertThat(partitionLag(0)).isEqualTo(1);
        waiting.remove(1);
        assertThat(partitionLag(1)).as("another server reads it now").isNaN();
    }

    @Test
    void whatStaysMissingIsCountedAndWhatOfItCannotBeKnownAsOne() {
        PipelineMetrics pipeline = new PipelineMetrics(meters, List.of(), List.of(), time);
        Gap gap = new Gap("AAPL", 10, 20, NOON, "lost");
        pipeline.onFeedState(ConnectionState.LIVE, "");
        pipeline.onGap(gap);
        pipeline.onBackfill(new Backfill(gap, 9, 0, ""));
        pipeline.onBackfill(new Backfill(gap, 5, 4, "too old"));
        pipeline.onBackfill(new Backfill(gap, 5, -1, "no numbers"));
        pipeline.onSetAside(trade(NOON, NOON), Outcome.TOO_LATE);

        assertThat(registry.get("tsdash.feed.up").gauge().value()).isEqualTo(1);
        assertThat(count(Metric.FEED_GAPS)).isEqualTo(1);
        assertThat(count(Metric.FEED_BACKFILLS, "whole")).isEqualTo(1);
        assertThat(count(Metric.FEED_BACKFILLS, "partial")).isEqualTo(2);
        assertThat(count(Metric.FEED_GAP_MISSING)).isEqualTo(5);
        assertThat(count(Metric.TRADES_SET_ASIDE, "too_late")).isEqualTo(1);
        assertThat(count(Metric.TRADES_SET_ASIDE, "duplicate")).isZero();
    }

    @Test
    void anEventThatTheBusRefusesForGoodIsLostAndDoesNotWait() {
        PipelineMetrics pipeline = new PipelineMetrics(meters, List.of(), List.of(), time);
        BusMetrics bus = new BusMetrics(meters, List.of());
        pipeline.onNotPublished(new TransientException("full"));
        pipeline.onNotPublished(new PermanentException("too large"));
        bus.onUnsent(0, 3, new PermanentException("too large"));

        assertThat(count(Metric.BUS_FULL)).isEqualTo(1);
        assertThat(count(Metric.BUS_LOST, "all", "refused")).isEqualTo(1);
        assertThat(count(Metric.BUS_LOST, "all", "unsent")).isEqualTo(3);
    }

    @Test
    void deadLettersAreCountedByWhereTheyCameFrom() {
        BusMetrics bus = new BusMetrics(meters, List.of());
        bus.onDeadLetter("bars", "ticks", 3);
        bus.onSkipped("bars", 3, 1, new IllegalStateException());

        new AggregationMetrics(meters).onDeadLetter("ticks", 3, 17, "no trade");

        assertThat(count(Metric.BUS_DEAD_LETTERS, "ticks")).isEqualTo(2);
        assertThat(count(Metric.BUS_LOST, "bars", "skipped")).isEqualTo(1);
    }

    @Test
    void barsAreCountedByTheirStoreAndWhatIsWrongWithASpillByItsKind() {
        PipelineMetrics pipeline = new PipelineMetrics(meters, List.of("memory"), List.of("memory", "other"), time);
        List<StoreState> states = List.of(new StoreState("other", StoreWriterCounts.NONE, 7, 3 * SECOND, "away"));
        for (String store : List.of("memory", "other")) {
            PipelineMetrics.bars(meters, store, () -> states);
            PipelineMetrics.up(meters, store, () -> states);
        }
        assertThat(count(Metric.STORE_SPILL_FAULTS, "memory", "full")).isZero();
        assertThat(count(Metric.STORE_RETRIES, "other")).isZero();
        pipeline.onBarsRetry("other", 7, new TransientException("away"));
        pipeline.onBarSetAside("other", bar(), new PermanentException("too long"));
        pipeline.onSpillFull("memory", "no room");
        pipeline.onSpillDamaged("memory", "1.spill", "half a batch");

        assertThat(count(Metric.BARS_WAITING, "other")).isEqualTo(7);
        assertThat(count(Metric.BARS_BEHIND, "other")).isEqualTo(3);
        assertThat(count(Metric.STORE_UP, "other")).isZero();
        assertThat(count(Metric.BARS_WAITING, "memory")).isZero();
        assertThat(count(Metric.STORE_UP, "memory")).isEqualTo(1);
        assertThat(count(Metric.STORE_RETRIES, "other")).isEqualTo(1);
        assertThat(count(Metric.STORE_RETRIES, "memory")).isZero();
        assertThat(count(Metric.BARS_SET_ASIDE, "other")).isEqualTo(1);
        assertThat(count(Metric.BARS_SET_ASIDE, "memory")).isZero();
        assertThat(count(Metric.STORE_SPILL_FAULTS, "memory", "full")).isEqualTo(1);
        assertThat(count(Metric.STORE_SPILL_FAULTS, "memory", "damaged")).isEqualTo(1);
    }

    private static Bar bar() {
        Interval minute = Interval.parse("1m");
        long open = minute.openTimeNanos(NOON);
        return new Bar(
                "AAPL", minute, open, minute.closeTimeNanos(open), 1, 1, 1, 1, 1, 1, 1, NOON, NOON, 0, BarState.CLOSED);
    }

    @Test
    void aNodeOfARelaySaysWhetherItLeadsAndWhatItMissed() {
        RelayMetrics relay = new RelayMetrics(meters);
        relay.onLeading(3);
        relay.onMissed(70, "nobody led");
        relay.onNewEpoch("a gap");
        relay.onFailed(new IllegalStateException());

        assertThat(registry.get("tsdash.relay.leading").gauge().value()).isEqualTo(1);
        assertThat(count(Metric.RELAY_MISSED)).isEqualTo(70);
        assertThat(count(Metric.RELAY_EPOCHS)).isEqualTo(1);
        assertThat(count(Metric.RELAY_FAILED)).isEqualTo(1);
        relay.onFollowing("another leads");
        assertThat(registry.get("tsdash.relay.leading").gauge().value()).isZero();
    }

    @Test
    void questionsToAStoreAreMeasuredAlsoThoseThatFail() {
        MarketStore slow = new ForwardingMarketStore(MarketStore.inMemory()) {
            @Override
            public List<String> symbols() {
                time.advance(Duration.ofSeconds(1));
                throw new TransientException("away");
            }
        };
        MarketStore store = new MeteredMarketStore(slow, meters, time);
        assertThat(store.bars(new BarRange("AAPL", Interval.parse("1m"), 0, NOON, 10, false)))
                .isEmpty();
        assertThatThrownBy(store::symbols).hasMessage("away");

        assertThat(registry.get("tsdash.store.query.duration")
                        .tags("operation", "bars", "outcome", "ok")
                        .timer()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("tsdash.store.query.duration")
                        .tags("store", "memory", "operation", "symbols", "outcome", "error")
                        .timer()
                        .totalTime(TimeUnit.SECONDS))
                .isEqualTo(1);
    }

    @Test
    void aWriteToAStoreIsMeasuredUnlessItFails() {
        MarketStore slow = new ForwardingMarketStore(MarketStore.inMemory()) {
            @Override
            public AppendResult appendTrades(List<Trade> batch) {
                time.advance(Duration.ofMillis(250));
                if (batch.isEmpty()) {
                    throw new TransientException("away");
                }
                return super.appendTrades(batch);
            }
        };
        MarketStore store = new MeteredMarketStore(slow, meters, time);
        store.appendTrades(List.of(trade(NOON, NOON)));
        assertThatThrownBy(() -> store.appendTrades(List.of())).hasMessage("away");

        Timer writes = registry.get("tsdash.store.write.duration")
                .tag("store", "memory")
                .timer();
        assertThat(writes.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(250);
        assertThat(writes.count()).isEqualTo(1);
    }

    @Test
    void theLagOfTracedTradesIsMeasuredTooAndThoseNotFollowedToTheEndAreCounted() {
        TradeTraceMetrics metrics = new TradeTraceMetrics(meters, time);
        TradeTraces traces =
                new TradeTraces(Tracer.none(), new TradeSample(1, TradeSample.PER_SECOND_MOST), metrics, time);
        TradeTraceMetrics.read(meters, traces);
        time.advance(Duration.ofSeconds(2));
        metrics.onAggregated(trade(NOON - SECOND, NOON + 3 * SECOND), TraceContext.NONE);
        metrics.onStored(trade(NOON, NOON), TraceContext.NONE);
        metrics.onShown(trade(NOON + SECOND, NOON), TraceContext.NONE, 0);
        for (int i = 0; i < TradeTraces.CAPACITY + 2; i++) {
            traces.received(trade(NOON + i, NOON));
        }

        assertThat(lagSeconds("receipt")).isEqualTo(4);
        assertThat(lagSeconds("bars")).isEqualTo(3);
        assertThat(lagSeconds("store")).isEqualTo(2);
        assertThat(lagSeconds("socket")).isEqualTo(1);
        assertThat(count(Metric.TRACES_EVICTED)).isEqualTo(2);
    }

    @Test
    void theSizeOfAStoreIsWhatItSaidLastAndNothingWhileItDoesNotTell() {
        List<OptionalLong> answers = new ArrayList<>(List.of(OptionalLong.of(700), OptionalLong.empty()));
        MarketStore store = new ForwardingMarketStore(MarketStore.inMemory()) {
            @Override
            public OptionalLong storedBytes() {
                if (answers.isEmpty()) {
                    throw new TransientException("away");
                }
                return answers.remove(0);
            }
        };
        try (StoreSize size = new StoreSize(store, meters)) {
            assertThat(storeSize()).isNaN();
            size.ask();
            assertThat(storeSize()).isEqualTo(700);
            size.ask();
            assertThat(storeSize()).isNaN();
            answers.add(OptionalLong.of(800));
            size.ask();
            assertThat(storeSize()).isEqualTo(800);
            size.ask();
            assertThat(storeSize()).as("it is away").isNaN();
        }
    }

    @Test
    void thePoolOfAStoreIsReadWhereThereIsOne() {
        AtomicInteger inUse = new AtomicInteger();
        StoreMetrics.read(meters, new ForwardingMarketStore(MarketStore.inMemory()) {
            @Override
            public Optional<PoolUse> poolUse() {
                return Optional.of(new PoolUse(inUse.get(), 8));
            }
        });
        inUse.set(7);
        assertThat(registry.get("tsdash.store.pool.used")
                        .tag("store", "memory")
                        .gauge()
                        .value())
                .isEqualTo(7);
        assertThat(registry.get("tsdash.store.pool.max")
                        .tag("store", "memory")
                        .gauge()
                        .value())
                .isEqualTo(8);

        registry.clear();
        StoreMetrics.read(meters, MarketStore.inMemory());
        assertThat(registry.find("tsdash.store.pool.used").gauge()).isNull();
    }

    private double storeSize() {
        return registry.get("tsdash.store.size").tag("store", "memory").gauge().value();
    }

    private static Trade trade(long eventNanos, long receiveNanos) {
        return new Trade("AAPL", eventNanos, receiveNanos, 1, 10, 1, Side.BUY, true, true, 0);
    }

    private double lagSeconds(String step) {
        return registry.get("tsdash.stream.lag").tag("step", step).timer().totalTime(TimeUnit.SECONDS);
    }

    private double partitionLag(int partition) {
        return registry.get("tsdash.stream.partition.lag")
                .tag("partition", Integer.toString(partition))
                .gauge()
                .value();
    }

    private double count(Metric metric, String... tags) {
        Tags wanted = Tags.empty();
        for (int i = 0; i < tags.length; i++) {
            wanted = wanted.and(metric.tags().get(i), tags[i]);
        }
        return registry.get(metric.metric()).tags(wanted).meters().stream()
                .flatMap(meter -> StreamSupport.stream(meter.measure().spliterator(), false))
                .mapToDouble(measured -> measured.getValue())
                .sum();
    }
}
