package io.tsdash.benchmarks.cost;

import io.tsdash.benchmarks.Measured;
import io.tsdash.benchmarks.fanout.Subscribers;
import io.tsdash.bus.BusOptions;
import io.tsdash.bus.EventBus;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.HubListener;
import io.tsdash.distribution.MarketChannels;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import io.tsdash.pipeline.MarketPipeline;
import io.tsdash.pipeline.PipelineConfig;
import io.tsdash.pipeline.PipelineListener;
import io.tsdash.pipeline.StoreSettings;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.Feed;
import io.tsdash.source.FeedListener;
import io.tsdash.store.MarketStore;
import io.tsdash.store.StoreRoutes;
import io.tsdash.testkit.QuietPipelineListener;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.TradeTraces;
import io.tsdash.transport.TsdashServer;
import io.tsdash.transport.TsdashServerBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A trade from the feed through bus, bars, channels and store writer, to one client that follows all prices by a socket; the
 * store costs nothing, and the client is not counted. 100,000 a second: at full speed the publisher waits for room, and what that
 * takes tells nothing of the rest.
 */
public final class PipelinePath implements CostlyPath {
    private static final int TRADES = 100_000;
    private static final int TRADES_A_MILLISECOND = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Tape tape = new Tape();
    private final CompletableFuture<FeedListener> feed = new CompletableFuture<>();
    private final Hub hub;
    private final TsdashServer server;
    private final Subscribers client;
    private final MarketPipeline pipeline;

    /**
     * @param measured whether with metrics
     * @param traces follows some of the trades, or none
     */
    public PipelinePath(boolean measured, TradeTraces traces) throws IOException, InterruptedException {
        Measured metrics = new Measured();
        TimeSource time = TimeSource.system();
        hub = Hub.builder()
                .listener(measured ? metrics.joined(HubListener.none()) : HubListener.none())
                .build();
        List<Interval> intervals = List.of(Interval.parse("1s"), Interval.parse("1m"), Interval.parse("5m"));
        MarketChannels channels =
                MarketChannels.builder(hub).intervals(intervals).traces(traces).build();
        hub.start();
        TsdashServerBuilder builder =
                TsdashServer.builder(hub, MarketStore.inMemory()).port(0);
        server = (measured ? metrics.measure(builder) : builder).start();
        channels.declare("feed", tape.symbols());
        client = Subscribers.counting(server.port(), 1, Tape.SYMBOLS, Tape.SYMBOLS);
        PipelineListener listener =
                measured ? metrics.joined(new QuietPipelineListener()) : new QuietPipelineListener();
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
                StoreRoutes.all(measured ? metrics.joined(new Nowhere()) : new Nowhere()),
                channels,
                time,
                listener,
                traces);
        pipeline.start();
    }

    @Override
    public int round() {
        FeedListener to = feed.join();
        List<Trade> trades = tape.next(TRADES);
        Pace pace = new Pace();
        for (int i = 0; i < TRADES; i++) {
            if (i % TRADES_A_MILLISECOND == 0) {
                pace.awaitMilliseconds(i / TRADES_A_MILLISECOND);
            }
            to.onTrade(trades.get(i));
        }
        if (!pipeline.drain(PATIENCE)) {
            throw new IllegalStateException("not all trades were through within " + PATIENCE);
        }
        return TRADES;
    }

    @Override
    public long othersNanos() {
        return client.cpuNanos();
    }

    @Override
    public void close() {
        pipeline.close();
        client.close();
        server.close();
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
}
