package io.tsdash.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.aggregation.Outcome;
import io.tsdash.bus.BusOptions;
import io.tsdash.bus.EventBus;
import io.tsdash.distribution.ChannelsDecoder;
import io.tsdash.distribution.ChannelsEncoder;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.LogChannel;
import io.tsdash.distribution.MarketChannels;
import io.tsdash.error.PermanentException;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import io.tsdash.pipeline.MarketPipeline;
import io.tsdash.pipeline.PipelineConfig;
import io.tsdash.pipeline.PipelineCounts;
import io.tsdash.pipeline.PipelineListener;
import io.tsdash.pipeline.StoreSettings;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.Feed;
import io.tsdash.source.FeedListener;
import io.tsdash.source.Gap;
import io.tsdash.source.Refused;
import io.tsdash.store.AppendResult;
import io.tsdash.store.BarRange;
import io.tsdash.store.ForwardingMarketStore;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class MarketPipelineTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long START = 1_723_161_600L * SECOND;
    private static final List<Interval> INTERVALS =
            List.of(Interval.parse("1s"), Interval.parse("1m"), Interval.parse("1h"));
    private static final Duration LATENESS = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final List<String> told = new CopyOnWriteArrayList<>();

    @Test
    void barsInTheStoreAreThoseOfABatchWhereverTheServerWasRestarted() {
        Random random = new Random(7);
        for (int round = 0; round < 10; round++) {
            List<Trade> trades = trades(random, 400);
            MarketStore store = MarketStore.inMemory();
            int cut = random.nextInt(trades.size());
            run(store, trades.subList(0, cut));
            // The feed says the last moments again, as one does that resumes.
            run(store, trades.subList(Math.max(0, cut - 20), trades.size()));
            for (String symbol : List.of("A", "B")) {
                for (Interval interval : INTERVALS) {
                    List<Bar> naive = NaiveBars.of(trades, symbol, interval);
                    List<Bar> stored = store.bars(BarRange.of(symbol, interval, 0, Long.MAX_VALUE, 100_000));
                    long ended = trades.get(trades.size() - 1).eventTimeNanos() - LATENESS.toNanos();
                    assertThat(stored.stream()
                                    .filter(bar -> bar.closeTimeNanos() < ended)
                                    .map(MarketPipelineTest::plain))
                            .as("round %d, cut at %d, %s of %s", round, cut, interval, symbol)
                            .containsExactlyElementsOf(naive.stream()
                                    .filter(bar -> bar.closeTimeNanos() < ended)
                                    .map(MarketPipelineTest::plain)
                                    .toList());
                }
            }
        }
    }

    @Test
    void aTradeCancelledBeforeARestartStaysCancelledWhenTheFeedSaysItAgain() {
        MarketStore store = MarketStore.inMemory();
        Trade cancelled = Trade.of("A", START + SECOND, 1, 10, 1);
        run(
                store,
                List.of(
                        cancelled,
                        Trade.of("A", START + 2 * SECOND, 2, 11, 2),
                        Trade.cancel("A", START + SECOND, 1, START + 2 * SECOND)));
        run(store, List.of(cancelled, Trade.of("A", START + 70 * SECOND, 3, 12, 3)));
        assertThat(store.bars(BarRange.of("A", Interval.parse("1m"), 0, Long.MAX_VALUE, 10)))
                .singleElement()
                .satisfies(bar -> {
                    assertThat(bar.tradeCount()).isEqualTo(1);
                    assertThat(bar.open()).isEqualTo(11);
                });
    }

    /** As when a leader dies that brought its trades to the store faster than to the others' channels. */
    @Test
    void channelsThatWereTakenOverGoOnInOrderAlsoWhereTheStoreIsAheadOfThem() throws InterruptedException {
        List<Trade> trades = new ArrayList<>();
        for (int i = 1; i <= 7; i++) {
            trades.add(Trade.of("A", START + i * SECOND, i, 10 + i, i));
        }
        MarketStore store = MarketStore.inMemory();
        store.appendTrades(trades.subList(0, 5));
        try (Hub before = Hub.builder().build();
                Hub hub = Hub.builder().build()) {
            MarketChannels.builder(before).build().events("list", trades.subList(0, 2));
            byte[] whole = before.call(ChannelsEncoder::whole);
            hub.start();
            hub.submit(channels -> ChannelsDecoder.replace(channels, whole));
            EventBus bus =
                    EventBus.inProcess(BusOptions.partitions(2), new RecordingBusListener(), TimeSource.system());
            // The feed has one gap: what is in the store alone comes too.
            MarketPipeline pipeline =
                    pipeline(store, List.of(trades.get(2), trades.get(4), trades.get(5), trades.get(6)), bus, hub);
            pipeline.start();
            assertThat(pipeline.drain(PATIENCE)).isTrue();
            pipeline.close();
            List<Long> shown = hub.call(channels -> {
                List<Long> ids = new ArrayList<>();
                LogChannel log = (LogChannel) channels.find("trades:A").orElseThrow();
                log.visitNewest(10, (row, fields, removed) -> ids.add(row.getLong(1)));
                return ids;
            });
            assertThat(shown).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L);
        }
    }

    @Test
    void anEventFromTheFarFutureReachesNothingAndIsTold() {
        MarketStore store = MarketStore.inMemory();
        List<Trade> trades = new ArrayList<>(trades(new Random(3), 100));
        int real = (int) NaiveBars.latest(trades).stream().count();
        trades.add(50, new Trade("A", START * 2, START, 999, 1, 1, Side.BUY, true, true, 0));
        MarketPipeline pipeline = pipeline(store, trades);
        pipeline.start();
        assertThat(pipeline.drain(PATIENCE)).isTrue();
        pipeline.close();
        assertThat(store.tradeCount()).isEqualTo(real);
        assertThat(store.lastTrade("A").orElseThrow().eventTimeNanos()).isLessThan(START * 2);
        assertThat(pipeline.counts().tooFarAhead()).isEqualTo(1);
        assertThat(told).contains("set aside TOO_FAR_AHEAD");
    }

    @Test
    void anEventFromTheFarFutureThatAnotherNodePublishedReachesNothingAndIsTold() {
        MarketStore store = MarketStore.inMemory();
        EventBus bus = EventBus.inProcess(BusOptions.partitions(2), new RecordingBusListener(), TimeSource.system());
        MarketPipeline pipeline = pipeline(store, List.of(), bus);
        pipeline.start();
        bus.publish(List.of(
                Trade.of("A", START, 1, 10, 1),
                new Trade("A", START * 2, START, 999, 1, 1, Side.BUY, true, true, 0),
                Trade.of("A", START + 1, 2, 11, 1)));
        assertThat(pipeline.drain(PATIENCE)).isTrue();
        pipeline.close();
        assertThat(store.tradeCount()).isEqualTo(2);
        assertThat(store.lastTrade("A").orElseThrow().price()).isEqualTo(11);
        assertThat(pipeline.counts().tooFarAhead()).isEqualTo(1);
        assertThat(told).containsOnlyOnce("set aside TOO_FAR_AHEAD");
    }

    @Test
    void whatWaitsAndWhatIsStoredCanBeRead() {
        EventBus bus = EventBus.inProcess(BusOptions.partitions(2), new RecordingBusListener(), TimeSource.system());
        MarketPipeline pipeline = pipeline(MarketStore.inMemory(), List.of(), bus);
        assertThat(pipeline.waiting()).isEmpty();
        pipeline.start();
        bus.publish(List.of(
                Trade.of("A", START + 2, 2, 10, 1),
                Trade.of("A", START + 1, 1, 10, 1),
                Trade.of("A", START + 3, 3, 10, 1)));
        assertThat(pipeline.drain(PATIENCE)).isTrue();
        assertThat(pipeline.waiting()).containsOnlyKeys("bars", "store");
        assertThat(pipeline.waiting().get("bars")).isEqualTo(Map.of(0, 0L, 1, 0L));
        assertThat(pipeline.stores()).singleElement().satisfies(state -> {
            assertThat(state.counts().stored()).isEqualTo(3);
            assertThat(state.problem()).isEmpty();
        });
        PipelineCounts counts = pipeline.counts();
        assertThat(counts.after(counts).stored()).isEqualTo(6);
        assertThat(counts.after(PipelineCounts.NONE)).isEqualTo(counts);
        pipeline.close();
    }

    @Test
    void aStoreThatFailsIsToldAndTheLiveSideGoesOn() {
        FailingStore store = new FailingStore();
        List<Trade> trades = trades(new Random(1), 300);
        MarketPipeline pipeline = pipeline(store, trades);
        store.failing = true;
        pipeline.start();
        assertThat(pipeline.drain(PATIENCE)).isTrue();
        pipeline.close();
        assertThat(pipeline.counts().published()).isEqualTo(trades.size());
        assertThat(pipeline.counts().notStored()).isEqualTo(trades.size());
        assertThat(pipeline.counts().barsClosed()).isPositive();
        assertThat(pipeline.storeProblem()).contains("disk is full");
        assertThat(told).anyMatch(text -> text.startsWith("not stored") && text.contains("disk is full"));
    }

    private void run(MarketStore store, List<Trade> trades) {
        MarketPipeline pipeline = pipeline(store, trades);
        pipeline.start();
        assertThat(pipeline.drain(PATIENCE)).isTrue();
        pipeline.close();
    }

    private MarketPipeline pipeline(MarketStore store, List<Trade> trades) {
        return pipeline(
                store,
                trades,
                EventBus.inProcess(BusOptions.partitions(2), new RecordingBusListener(), TimeSource.system()));
    }

    private MarketPipeline pipeline(MarketStore store, List<Trade> trades, EventBus bus) {
        Hub hub = Hub.builder().build();
        hub.start();
        return pipeline(store, trades, bus, hub);
    }

    private MarketPipeline pipeline(MarketStore store, List<Trade> trades, EventBus bus, Hub hub) {
        TimeSource time = TimeSource.system();
        return new MarketPipeline(
                new PipelineConfig(
                        INTERVALS,
                        LATENESS,
                        Duration.ofSeconds(10),
                        StoreSettings.retryFor(Duration.ZERO),
                        Optional.empty(),
                        Optional.empty()),
                new ListFeed(trades),
                bus,
                store,
                MarketChannels.builder(hub).intervals(INTERVALS).build(),
                time,
                new Told());
    }

    /** Two symbols, in order of arrival, some late within the bound, some twice, corrected or cancelled. */
    private static List<Trade> trades(Random random, int size) {
        record Arrival(long at, Trade trade) {}
        List<Arrival> arrivals = new ArrayList<>();
        long time = START + 3590 * SECOND;
        for (int i = 0; i < size; i++) {
            time += random.nextLong(SECOND);
            Trade trade = Trade.of(random.nextBoolean() ? "A" : "B", time, i, random.nextInt(1, 9999) / 100.0, i % 9);
            arrivals.add(new Arrival(time + (random.nextInt(5) == 0 ? random.nextLong(2 * SECOND) : 0), trade));
            switch (random.nextInt(20)) {
                case 0 -> arrivals.add(new Arrival(time + random.nextLong(2 * SECOND), trade));
                case 1 ->
                    arrivals.add(new Arrival(time + random.nextLong(2 * SECOND), trade.correctedTo(trade.price(), 5)));
                case 2 ->
                    arrivals.add(new Arrival(
                            time + random.nextLong(2 * SECOND), Trade.cancel(trade.symbol(), time, i, time)));
                default -> {
                    // as it is
                }
            }
        }
        return arrivals.stream()
                .sorted((a, b) -> Long.compare(a.at, b.at))
                .map(Arrival::trade)
                .toList();
    }

    private static List<Object> plain(Bar bar) {
        return List.of(
                bar.openTimeNanos(), bar.open(), bar.high(), bar.low(), bar.close(), bar.volume(), bar.tradeCount());
    }

    /** Delivers a list at once, on the caller's thread. */
    private record ListFeed(List<Trade> trades) implements Feed {
        @Override
        public String name() {
            return "list";
        }

        @Override
        public void start(FeedListener listener) {
            listener.onState(ConnectionState.LIVE, "");
            trades.forEach(listener::onTrade);
        }

        @Override
        public void close() {}
    }

    private final class Told implements PipelineListener {
        @Override
        public void onFeedState(ConnectionState state, String reason) {
            told.add("feed " + state);
        }

        @Override
        public void onGap(Gap gap) {
            told.add("gap " + gap);
        }

        @Override
        public void onRefused(Refused refused) {
            told.add("refused " + refused);
        }

        @Override
        public void onSetAside(MarketEvent event, Outcome outcome) {
            told.add("set aside " + outcome);
        }

        @Override
        public void onLost(String store, int trades, RuntimeException cause) {
            told.add("not stored " + trades + " " + cause.getMessage());
        }

        @Override
        public void onBack(String store) {
            told.add("store back");
        }

        @Override
        public void onNotPublished(RuntimeException cause) {
            told.add("not published " + cause);
        }
    }

    /** A store whose disk can be full. */
    private static final class FailingStore extends ForwardingMarketStore {
        volatile boolean failing;

        FailingStore() {
            super(MarketStore.inMemory());
        }

        @Override
        public AppendResult appendTrades(List<Trade> batch) {
            check();
            return super.appendTrades(batch);
        }

        @Override
        public void upsertBars(List<Bar> bars) {
            check();
            super.upsertBars(bars);
        }

        private void check() {
            if (failing) {
                throw new PermanentException("the disk is full");
            }
        }
    }
}
