package io.tsdash.benchmarks.traces;

import io.tsdash.aggregation.Outcome;
import io.tsdash.bus.BusListener;
import io.tsdash.bus.BusOptions;
import io.tsdash.bus.EventBus;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.MarketChannels;
import io.tsdash.distribution.SessionOutput;
import io.tsdash.distribution.SubscribeCommand;
import io.tsdash.distribution.WireCode;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import io.tsdash.pipeline.MarketPipeline;
import io.tsdash.pipeline.PipelineConfig;
import io.tsdash.pipeline.PipelineListener;
import io.tsdash.pipeline.StoreSettings;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.Feed;
import io.tsdash.source.FeedListener;
import io.tsdash.source.Gap;
import io.tsdash.source.Refused;
import io.tsdash.store.AppendResult;
import io.tsdash.store.ForwardingMarketStore;
import io.tsdash.store.MarketStore;
import io.tsdash.store.StoreRoutes;
import io.tsdash.testkit.RecordingBusListener;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.TradeTraces;
import io.tsdash.transport.WireCodec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/**
 * A trade from the feed through bus, bars, channels and store writer, with one client that follows all prices and a store that
 * keeps nothing. One thread at a time.
 */
final class WholeWay implements AutoCloseable {
    private static final int TRADES = 50_000;
    /** At full speed the publisher waits for room, and what that takes tells nothing of traces. */
    private static final int TRADES_A_MILLISECOND = 100;

    private static final int SYMBOLS = 500;
    private static final long STEP_NANOS = 10_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final CompletableFuture<FeedListener> feed = new CompletableFuture<>();
    private final Random random = new Random(7);
    private final Hub hub = Hub.builder().build();
    private final MarketPipeline pipeline;
    private long nanos = 1_723_127_400_000_000_000L; // 2024-08-08T14:30Z
    private long sequence;

    WholeWay(TradeTraces traces) {
        TimeSource time = TimeSource.system();
        List<Interval> intervals = List.of(Interval.parse("1s"), Interval.parse("1m"), Interval.parse("5m"));
        MarketChannels channels =
                MarketChannels.builder(hub).intervals(intervals).traces(traces).build();
        hub.start();
        hub.open(new Discarding(), WireCodec.binary().encoder(), Set.of("prices"))
                .accept(new SubscribeCommand(1, List.of("prices:*"), 100, Map.of(), ""));
        BusListener busListener = new RecordingBusListener();
        pipeline = new MarketPipeline(
                new PipelineConfig(
                        intervals,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(10),
                        StoreSettings.retryFor(Duration.ofSeconds(1)),
                        Optional.empty(),
                        Optional.empty()),
                new ByHand(),
                EventBus.inProcess(BusOptions.partitions(2), busListener, time),
                StoreRoutes.all(new Nowhere()),
                channels,
                time,
                new Quiet(),
                traces);
        pipeline.start();
    }

    /** Brings trades all the way, 100,000 a second, and returns how many. */
    int round() {
        FeedListener to = feed.join();
        long from = System.nanoTime();
        for (int i = 0; i < TRADES; i++) {
            if (i % TRADES_A_MILLISECOND == 0) {
                long due = from + i / TRADES_A_MILLISECOND * 1_000_000L;
                LockSupport.parkNanos(due - System.nanoTime());
            }
            nanos += STEP_NANOS;
            to.onTrade(new Trade(
                    "S" + random.nextInt(SYMBOLS),
                    nanos,
                    nanos + 1_000_000,
                    ++sequence,
                    100 + random.nextInt(1_000) / 100.0,
                    1 + random.nextInt(9),
                    Side.BUY,
                    true,
                    true,
                    0));
        }
        if (!pipeline.drain(PATIENCE)) {
            throw new IllegalStateException("not all trades were through within " + PATIENCE);
        }
        return TRADES;
    }

    @Override
    public void close() {
        pipeline.close();
        hub.close();
    }

    private final class ByHand implements Feed {
        @Override
        public String name() {
            return "by hand";
        }

        @Override
        public void start(FeedListener listener) {
            listener.onState(ConnectionState.LIVE, "by hand");
            feed.complete(listener);
        }

        @Override
        public void close() {}
    }

    private static final class Nowhere extends ForwardingMarketStore {
        Nowhere() {
            super(MarketStore.inMemory());
        }

        @Override
        public AppendResult appendTrades(List<Trade> batch) {
            return new AppendResult(batch.size(), 0, 0);
        }

        @Override
        public void upsertBars(List<Bar> bars) {}
    }

    private static final class Discarding implements SessionOutput {
        @Override
        public void send(byte[] frame) {}

        @Override
        public long queuedBytes() {
            return 0;
        }

        @Override
        public void close(WireCode code, String text) {}
    }

    private static final class Quiet implements PipelineListener {
        @Override
        public void onFeedState(ConnectionState state, String reason) {}

        @Override
        public void onGap(Gap gap) {}

        @Override
        public void onRefused(Refused refused) {}

        @Override
        public void onSetAside(MarketEvent event, Outcome outcome) {}

        @Override
        public void onNotPublished(RuntimeException cause) {}
    }
}
