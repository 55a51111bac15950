package io.tsdash.examples.server;

import io.tsdash.bus.EventBus;
import io.tsdash.distribution.Alert;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.MarketChannels;
import io.tsdash.distribution.NewsItem;
import io.tsdash.distribution.NodeChannel;
import io.tsdash.distribution.PartStatus;
import io.tsdash.model.PriceUpdate;
import io.tsdash.pipeline.MarketPipeline;
import io.tsdash.pipeline.PipelineConfig;
import io.tsdash.pipeline.PipelineCounts;
import io.tsdash.pipeline.PipelineListener;
import io.tsdash.pipeline.StoreState;
import io.tsdash.relay.RelayListener;
import io.tsdash.relay.RelayLog;
import io.tsdash.relay.RelayNode;
import io.tsdash.relay.RelaySettings;
import io.tsdash.relay.RelayStatus;
import io.tsdash.relay.StandbyFeed;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.Feed;
import io.tsdash.store.StoreRoutes;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.TradeTraces;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The channels are made by one of several servers, and this one serves copies; its pipeline runs while it leads. */
final class RelayedMarket implements ServedMarket {
    private static final Duration STANDBY_KEPT = Duration.ofSeconds(30);
    private static final int STANDBY_TRADES_MAX = 200_000;
    private static final Duration FEED_AWAITED = Duration.ofSeconds(10);

    private final PipelineConfig config;
    private final StoreRoutes routes;
    private final Supplier<EventBus> buses;
    private final TimeSource time;
    private final PipelineListener listener;
    private final TradeTraces traces;
    private final StandbyFeed standby;
    private final RelayNode node;
    private final NodeChannel own;
    private final long startedNanos;
    private volatile PipelineCounts before = PipelineCounts.NONE;
    private volatile @Nullable Term term;

    /**
     * @param feed not started; connected at all times
     * @param buses opens a bus for a time of leading
     * @param hub of copies
     */
    RelayedMarket(
            PipelineConfig config,
            RelayChoice relay,
            RelayLog log,
            Feed feed,
            Supplier<EventBus> buses,
            StoreRoutes routes,
            Hub hub,
            Supplier<Hub> sources,
            TimeSource time,
            PipelineListener listener,
            RelayListener relayListener,
            TradeTraces traces) {
        this.config = config;
        this.routes = routes;
        this.buses = buses;
        this.time = time;
        this.listener = listener;
        this.traces = traces;
        MarketChannels.builder(hub).intervals(config.intervals()).catalogOnly();
        own = new NodeChannel(hub);
        startedNanos = time.monotonicNanos();
        standby = new StandbyFeed(feed, STANDBY_KEPT, STANDBY_TRADES_MAX, time, relayListener);
        node = new RelayNode(
                log, hub, sources, this::begin, RelaySettings.of(relay.node(), relay.lease()), time, relayListener);
    }

    @Override
    public void start() {
        standby.start();
        node.start();
    }

    @Override
    public PipelineCounts counts() {
        Term now = term;
        return now == null ? before : now.pipeline.counts().after(before);
    }

    @Override
    public Map<String, Map<Integer, Long>> waiting() {
        Term now = term;
        return now == null ? Map.of() : now.pipeline.waiting();
    }

    @Override
    public List<StoreState> stores() {
        Term now = term;
        return now == null ? List.of() : now.pipeline.stores();
    }

    @Override
    public boolean feedEnded() {
        Term now = term;
        return now != null && now.pipeline.feedEnded();
    }

    @Override
    public boolean drain(Duration timeout) {
        Term now = term;
        return now == null || now.pipeline.drain(timeout);
    }

    /** The leader's: what the feed of another server delivers is used by nobody. */
    @Override
    public String feedProblem() {
        Term now = term;
        return now == null ? "" : now.pipeline.feedProblem();
    }

    @Override
    public String busProblem() {
        Term now = term;
        return now == null ? "" : now.pipeline.busProblem();
    }

    @Override
    public String storeProblem() {
        Term now = term;
        return now == null ? "" : now.pipeline.storeProblem();
    }

    @Override
    public Optional<String> notReady() {
        if (!node.status().loaded()) {
            return Optional.of("the channels of the other servers are not here yet");
        }
        // Who restarts servers in turn waits for this: were the other one to go before, nobody would have what comes
        // now.
        boolean waits = standby.state() == ConnectionState.CONNECTING
                && time.monotonicNanos() - startedNanos < FEED_AWAITED.toNanos();
        return waits ? Optional.of("the feed is not connected yet") : Optional.empty();
    }

    @Override
    public Optional<String> relayProblem() {
        RelayStatus status = node.status();
        return status.stale() || !status.problem().isEmpty() ? Optional.of(status.text()) : Optional.empty();
    }

    /** In the channel that is this server's own: in the others, all have the same. */
    @Override
    public void status(PartStatus status) throws InterruptedException {
        own.show(status);
    }

    /** The leader shows it to all; another server has nothing of its own to show it in. */
    @Override
    public void lastKnown(PriceUpdate price) throws InterruptedException {
        Term now = term;
        if (now != null) {
            now.channels.lastKnown(price);
        }
    }

    @Override
    public void news(NewsItem item) throws InterruptedException {
        Term now = term;
        if (now != null) {
            now.channels.news(item);
        }
    }

    @Override
    public void alert(Alert alert) throws InterruptedException {
        Term now = term;
        if (now != null) {
            now.channels.alert(alert);
        }
    }

    @Override
    public void close() {
        node.close();
        standby.close();
    }

    private AutoCloseable begin(Hub source, long sinceNanos) {
        MarketChannels channels = MarketChannels.builder(source)
                .intervals(config.intervals())
                .traces(traces)
                .build();
        EventBus bus = buses.get();
        MarketPipeline pipeline =
                new MarketPipeline(config, standby.attach(sinceNanos), bus, routes, channels, time, listener, traces);
        Term begun = new Term(pipeline, channels);
        try {
            pipeline.start();
        } catch (RuntimeException e) {
            begun.close();
            throw e;
        }
        term = begun;
        return () -> {
            before = pipeline.counts().after(before);
            term = null;
            begun.close();
        };
    }

    /** What there is while this server leads. */
    private record Term(MarketPipeline pipeline, MarketChannels channels) {
        void close() {
            pipeline.close();
        }
    }
}
