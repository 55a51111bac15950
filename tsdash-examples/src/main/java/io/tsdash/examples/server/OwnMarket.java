package io.tsdash.examples.server;

import io.tsdash.bus.EventBus;
import io.tsdash.distribution.Alert;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.MarketChannels;
import io.tsdash.distribution.NewsItem;
import io.tsdash.distribution.PartStatus;
import io.tsdash.model.PriceUpdate;
import io.tsdash.pipeline.MarketPipeline;
import io.tsdash.pipeline.PipelineConfig;
import io.tsdash.pipeline.PipelineCounts;
import io.tsdash.pipeline.PipelineListener;
import io.tsdash.pipeline.StoreState;
import io.tsdash.source.Feed;
import io.tsdash.store.StoreRoutes;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.TradeTraces;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The channels are made here: a pipeline fills the hub that clients are served from. */
final class OwnMarket implements ServedMarket {
    private final MarketChannels channels;
    private final MarketPipeline pipeline;

    OwnMarket(
            PipelineConfig config,
            Feed feed,
            EventBus bus,
            StoreRoutes routes,
            Hub hub,
            TimeSource time,
            PipelineListener listener,
            TradeTraces traces) {
        channels = MarketChannels.builder(hub)
                .intervals(config.intervals())
                .traces(traces)
                .build();
        pipeline = new MarketPipeline(config, feed, bus, routes, channels, time, listener, traces);
    }

    @Override
    public void start() {
        pipeline.start();
    }

    @Override
    public PipelineCounts counts() {
        return pipeline.counts();
    }

    @Override
    public Map<String, Map<Integer, Long>> waiting() {
        return pipeline.waiting();
    }

    @Override
    public List<StoreState> stores() {
        return pipeline.stores();
    }

    @Override
    public boolean feedEnded() {
        return pipeline.feedEnded();
    }

    @Override
    public boolean drain(Duration timeout) {
        return pipeline.drain(timeout);
    }

    @Override
    public String feedProblem() {
        return pipeline.feedProblem();
    }

    @Override
    public String busProblem() {
        return pipeline.busProblem();
    }

    @Override
    public String storeProblem() {
        return pipeline.storeProblem();
    }

    @Override
    public Optional<String> notReady() {
        return Optional.empty();
    }

    @Override
    public Optional<String> relayProblem() {
        return Optional.empty();
    }

    @Override
    public void status(PartStatus status) throws InterruptedException {
        channels.status(status);
    }

    @Override
    public void lastKnown(PriceUpdate price) throws InterruptedException {
        channels.lastKnown(price);
    }

    @Override
    public void news(NewsItem item) throws InterruptedException {
        channels.news(item);
    }

    @Override
    public void alert(Alert alert) throws InterruptedException {
        channels.alert(alert);
    }

    @Override
    public void close() {
        pipeline.close();
    }
}
