package io.tsdash.benchmarks.cost;

import io.tsdash.benchmarks.Measured;
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
import io.tsdash.testkit.QuietPipelineListener;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A trade from the feed through bus, bars, channels and store writer, with nobody subscribed and a store that costs nothing. */
public final class PipelinePath implements CostlyPath {
    private static final int TRADES = 100_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Tape tape = new Tape();
    private final CompletableFuture<FeedListener> feed = new CompletableFuture<>();
    private final Hub hub;
    private final MarketPipeline pipeline;

    /** @param measured whether with metrics */
    public PipelinePath(boolean measured) {
        Measured metrics = new Measured();
        TimeSource time = TimeSource.system();
        hub = Hub.builder()
                .listener(measured ? metrics.joined(HubListener.none()) : HubListener.none())
                .build();
        hub.start();
        List<Interval> intervals = List.of(Interval.parse("1s"), Interval.parse("1m"), Interval.parse("5m"));
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
                new Nowhere(),
                MarketChannels.builder(hub).intervals(intervals).build(),
                time,
                listener);
        pipeline.start();
    }

    @Override
    public int round() throws InterruptedException {
        FeedListener to = feed.join();
        for (Trade trade : tape.next(TRADES)) {
            to.onTrade(trade);
        }
        if (!pipeline.drain(PATIENCE)) {
            throw new IllegalStateException("not all trades were through within " + PATIENCE);
        }
        return hub.call(channels -> TRADES); // and through the hub
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
}
