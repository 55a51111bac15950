package io.tsdash.benchmarks.cost;

import io.tsdash.bus.BusOptions;
import io.tsdash.bus.EventBus;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.MarketChannels;
import io.tsdash.distribution.SessionOutput;
import io.tsdash.distribution.SubscribeCommand;
import io.tsdash.distribution.WireCode;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import io.tsdash.pipeline.MarketPipeline;
import io.tsdash.pipeline.PipelineConfig;
import io.tsdash.pipeline.StoreSettings;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.Feed;
import io.tsdash.source.FeedListener;
import io.tsdash.store.StoreRoutes;
import io.tsdash.testkit.QuietPipelineListener;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.TradeTraces;
import io.tsdash.transport.WireCodec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/**
 * A trade from the feed through bus, bars, channels and store writer, with one client that follows all prices and a store that
 * costs nothing. 100,000 a second: at full speed the publisher waits for room, and what that takes tells nothing of traces.
 */
public final class TracedPath implements CostlyPath {
    private static final int TRADES = 100_000;
    private static final int TRADES_A_MILLISECOND = 100;
    private static final long MILLISECOND = 1_000_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Tape tape = new Tape();
    private final CompletableFuture<FeedListener> feed = new CompletableFuture<>();
    private final Hub hub = Hub.builder().build();
    private final MarketPipeline pipeline;

    /** @param traces follows some of the trades, or none */
    public TracedPath(TradeTraces traces) {
        TimeSource time = TimeSource.system();
        List<Interval> intervals = List.of(Interval.parse("1s"), Interval.parse("1m"), Interval.parse("5m"));
        MarketChannels channels =
                MarketChannels.builder(hub).intervals(intervals).traces(traces).build();
        hub.start();
        hub.open(new Discarding(), WireCodec.binary().encoder(), Set.of("prices"))
                .accept(new SubscribeCommand(1, List.of("prices:*"), 100, Map.of(), ""));
        pipeline = new MarketPipeline(
                new PipelineConfig(
                        intervals,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(10),
                        StoreSettings.retryFor(Duration.ofSeconds(1)),
                        Optional.empty(),
                        Optional.empty()),
                new ByHand(),
                EventBus.inProcess(BusOptions.partitions(2), new NoBusListener(), time),
                StoreRoutes.all(new Nowhere()),
                channels,
                time,
                new QuietPipelineListener(),
                traces);
        pipeline.start();
    }

    @Override
    public int round() {
        FeedListener to = feed.join();
        List<Trade> trades = tape.next(TRADES);
        long from = System.nanoTime();
        for (int i = 0; i < TRADES; i++) {
            if (i % TRADES_A_MILLISECOND == 0) {
                LockSupport.parkNanos(from + i / TRADES_A_MILLISECOND * MILLISECOND - System.nanoTime());
            }
            to.onTrade(trades.get(i));
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

    /** Hands over who takes what it delivers. */
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

    /** A client that takes everything at once. */
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
}
