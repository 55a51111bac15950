package io.tsdash.examples.server;

import io.tsdash.bus.ConsumerOptions;
import io.tsdash.bus.EventBus;
import io.tsdash.bus.FailurePolicy;
import io.tsdash.bus.OverflowPolicy;
import io.tsdash.bus.Share;
import io.tsdash.cache.CachePolicy;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.HubBuilder;
import io.tsdash.examples.logs.ServerLog;
import io.tsdash.model.PriceUpdate;
import io.tsdash.orders.OrderGateway;
import io.tsdash.pipeline.PipelineConfig;
import io.tsdash.pipeline.PipelineCounts;
import io.tsdash.pipeline.StoreSettings;
import io.tsdash.relay.RelayLog;
import io.tsdash.source.Feed;
import io.tsdash.spi.Feeds;
import io.tsdash.spi.OrderGateways;
import io.tsdash.store.MarketStore;
import io.tsdash.store.NamedMarketStore;
import io.tsdash.store.StoreRoutes;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.Tracer;
import io.tsdash.trace.TradeTraces;
import io.tsdash.transport.TsdashServer;
import io.tsdash.transport.TsdashServerBuilder;
import io.tsdash.transport.UserData;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All parts of tsdash as one process: a feed, a store or two, and the dashboard on one port.
 *
 * <p>Thread-safe. {@link #close} goes in reverse order of start: clients are told, then the feed stops and all that was
 * accepted is written, and the store is closed last.
 */
public final class ReferenceServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReferenceServer.class);
    private static final String SPILL_FOLDER = "spill";
    private static final String METRICS_PATH = "/metrics";
    private static final String METRICS_PERMISSION = "metrics";
    private static final int HUB_BATCHES_MAX = 32; // few: what waits here is lag that clients see
    private static final ConsumerOptions ORDERS = new ConsumerOptions(
                    "orders", 1 << 14, 1_024, 1, OverflowPolicy.BLOCK, FailurePolicy.SKIP)
            .withShare(Share.everyNode());
    private static final Duration AHEAD_MAX = Duration.ofSeconds(10);
    private static final Duration STORE_RETRY = Duration.ofSeconds(10);

    private final Deque<AutoCloseable> parts = new ArrayDeque<>(); // newest first
    private final AtomicBoolean closed = new AtomicBoolean();
    private final EventReporter reporter;
    private final Optional<Instruments> instruments;
    private final ServerListeners listeners;
    private final MarketStore store;
    private final ServedMarket market;
    private final TsdashServer server;
    private Duration drain = Duration.ZERO;

    /**
     * Starts everything but the feed; when this returns the page is there.
     *
     * @throws io.tsdash.error.TsdashException if a part cannot start; what was started is closed again
     */
    public ReferenceServer(ServerSettings settings, TimeSource time) {
        this(settings, Feeds.open(settings.feed(), settings.feedOptions(), time), time);
    }

    /**
     * Starts everything but the feed, which is one of the caller's own making.
     *
     * @throws io.tsdash.error.TsdashException if a part cannot start; what was started is closed again
     */
    public ReferenceServer(ServerSettings settings, Feed feed, TimeSource time) {
        try {
            reporter = add(new EventReporter(time));
            Optional<TraceExport> export =
                    settings.traces().address().map(address -> add(new TraceExport(address, node(settings), reporter)));
            Tracer tracer = export.map(TraceExport::tracer).orElse(Tracer.none());
            reporter.tracedBy(tracer);
            MarketStore opened = add(settings.store().open(time));
            Optional<MarketStore> openedForBars =
                    settings.barsStore().map(bars -> besides(opened, add(bars.open(time))));
            List<String> stores = List.of(opened.capabilities().name());
            List<String> barStores =
                    List.of(openedForBars.orElse(opened).capabilities().name());
            instruments = settings.metrics() == MetricsAccess.OFF
                    ? Optional.empty()
                    : Optional.of(add(new Instruments(stores, barStores, settings.nativeHistograms(), time)));
            listeners = new ServerListeners(reporter, instruments);
            TradeTraces traces = settings.traces().address().isEmpty()
                    ? TradeTraces.none()
                    : new TradeTraces(tracer, settings.traces().sample(), listeners.traces(), time);
            MarketStore main = metered(opened);
            Optional<MarketStore> ofBars = openedForBars.map(this::metered);
            store = ofBars.map(bars -> new StoreRoutes(List.of(main), List.of(bars)))
                    .orElseGet(() -> StoreRoutes.all(main))
                    .asOne();
            Caches caches =
                    add(new Caches(settings.cache(), new CacheReporter(reporter), reporter.redis(), instruments, time));
            Hub hub = add(hubs(settings.relay().isPresent(), time).build());
            ReadSide readers = add(new ReadSide(hub, store, caches, listeners, tracer, time));
            StoreRoutes routes = new StoreRoutes(List.of(main), List.of(readers.refreshedBy(ofBars.orElse(main))));
            PipelineConfig config = new PipelineConfig(
                    settings.intervals(),
                    settings.lateness(),
                    AHEAD_MAX,
                    storeSettings(settings),
                    settings.quietMax(),
                    settings.keepTrades());
            Optional<OrderGateway> orders = settings.orders().map(text -> add(OrderGateways.open(text, time)));
            market = settings.relay().isPresent()
                    ? relayed(config, settings, settings.relay().get(), feed, routes, hub, time, traces)
                    : own(config, settings, feed, routes, hub, orders, time, traces);
            hub.start();
            reporter.watch("history", readers::problem);
            reporter.watch("cache", caches::problem);
            caches.limitProblem().ifPresent(problem -> reporter.watch("limits", problem));
            TsdashServerBuilder builder = TsdashServer.builder(hub, readers.history())
                    .restWorkers(ReadSide.REQUESTS_MAX, ReadSide.REQUESTS_WAITING_MAX)
                    .latest(readers.latest())
                    .newestBars(readers.newestBars())
                    .userData(userData(settings, caches, time))
                    .degradedWhen("feed", () -> told(market.feedProblem()))
                    .degradedWhen("bus", () -> told(market.busProblem()))
                    .degradedWhen("store", () -> told(market.storeProblem()))
                    .degradedWhen("history", readers::problem)
                    .degradedWhen("cache", caches::problem)
                    .host(settings.host())
                    .port(settings.port())
                    .allowOrigins(settings.origins())
                    .showLastKnown(this::showLastKnown)
                    .tracer(
                            tracer,
                            settings.bus().isBetweenServers() ? settings.bus().name() : "bus")
                    .accessListener(listeners.access())
                    .connectionListener(listeners.connections())
                    .trafficListener(listeners.traffic());
            instruments.ifPresent(each -> {
                each.read(market, stores, barStores);
                each.read(readers);
                each.read(hub);
                each.read(traces);
                export.ifPresent(sending -> each.readExport(sending.exporter()));
                each.readSuppressed(() -> reporter.suppressed() + ServerLog.suppressed());
                settings.cache().address().ifPresent(any -> each.readRedis(caches::problem));
                settings.relay().ifPresent(any -> each.readRelay(market::relayProblem));
                if (settings.metrics() == MetricsAccess.OPEN) {
                    builder.page(METRICS_PATH, each.page());
                } else {
                    builder.page(METRICS_PATH, METRICS_PERMISSION, each.page());
                }
            });
            if (settings.relay().isPresent()) {
                builder.readyWhen("channels", market::notReady).degradedWhen("relay", market::relayProblem);
            }
            orders.ifPresent(builder::orders);
            caches.limiter().ifPresent(builder::rateLimiter);
            caches.limitProblem().ifPresent(problem -> builder.degradedWhen("limits", problem));
            settings.access().apply(builder, time);
            server = add(builder.start());
            instruments.ifPresent(each -> each.read(server));
            drain = settings.drain();
            reporter.start(market);
            readers.start();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Goes on from what the store holds, then lets data flow. */
    public void start() {
        market.start();
    }

    /** Returns the port that it listens on. */
    public int port() {
        return server.port();
    }

    /** Returns the store, for questions that the wire does not ask. */
    public MarketStore store() {
        return store;
    }

    /** Returns what was done so far. */
    public PipelineCounts counts() {
        return market.counts();
    }

    /** Returns how often each kind of unusual event happened, by its code. */
    public Map<String, Long> events() {
        return reporter.counts();
    }

    /** Returns whether the feed has delivered all there is. */
    public boolean feedEnded() {
        return market.feedEnded();
    }

    /** Waits until all that the feed has delivered is in the bars and in the store; returns whether it is. */
    public boolean drain(Duration timeout) {
        return market.drain(timeout);
    }

    /**
     * Stops within 5 s and the time for clients to go: clients are told, and all that was accepted is written. Closing twice
     * is no error.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        if (parts.peek() instanceof TsdashServer running) {
            running.drain(drain);
        }
        while (!parts.isEmpty()) {
            AutoCloseable part = parts.pop();
            try {
                part.close();
            } catch (Exception e) {
                LOG.error("{} did not close", part.getClass().getSimpleName(), e);
            }
        }
    }

    private UserData userData(ServerSettings settings, Caches caches, TimeSource time) {
        if (settings.userData().isEmpty()) {
            return new KeptUserData(caches.counted(CachePolicy.USER_DATA, caches.users()), time);
        }
        UserFiles files = new UserFiles(settings.userData().get());
        StoredUserData stored = add(new StoredUserData(files, caches.users(), listeners.caches(), time));
        instruments.ifPresent(each -> each.read(stored.texts()));
        return stored;
    }

    private ServedMarket own(
            PipelineConfig config,
            ServerSettings settings,
            Feed feed,
            StoreRoutes routes,
            Hub hub,
            Optional<OrderGateway> orders,
            TimeSource time,
            TradeTraces traces) {
        EventBus bus = add(settings.bus().open(listeners.bus(), time));
        ServedMarket own = add(new OwnMarket(config, feed, bus, routes, hub, time, listeners.pipeline(), traces));
        instruments.ifPresent(each -> each.readBus(bus.partitions(), own));
        orders.ifPresent(gateway -> bus.subscribe(ORDERS, (partition, events) -> gateway.onMarket(events)));
        return own;
    }

    private ServedMarket relayed(
            PipelineConfig config,
            ServerSettings settings,
            RelayChoice relay,
            Feed feed,
            StoreRoutes routes,
            Hub hub,
            TimeSource time,
            TradeTraces traces) {
        RelayLog log = add(relay.open(reporter.redis(), time));
        return add(new RelayedMarket(
                config,
                relay,
                log,
                feed,
                () -> {
                    EventBus bus = settings.bus().open(listeners.bus(), time);
                    instruments.ifPresent(each -> each.readBus(bus.partitions(), market));
                    return bus;
                },
                routes,
                hub,
                () -> {
                    Hub source = hubs(false, time).build();
                    source.start();
                    return source;
                },
                time,
                listeners.pipeline(),
                listeners.relay(),
                traces));
    }

    private void showLastKnown(PriceUpdate price) {
        try {
            market.lastKnown(price);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Optional<String> told(String problem) {
        return problem.isEmpty() ? Optional.empty() : Optional.of(problem);
    }

    private static String node(ServerSettings settings) {
        return settings.host() + ":" + settings.port();
    }

    private HubBuilder hubs(boolean copies, TimeSource time) {
        HubBuilder hubs = Hub.builder()
                .time(time)
                .listener(listeners.hub())
                .server("tsdash/0.1.0")
                .updatesMax(HUB_BATCHES_MAX);
        return copies ? hubs.copies() : hubs;
    }

    private static StoreSettings storeSettings(ServerSettings settings) {
        return StoreSettings.retryFor(STORE_RETRY)
                .onLanes(settings.storeLanes())
                .spillTo(settings.data().resolve(SPILL_FOLDER));
    }

    /** Two of one engine are told apart by their names, wherever these are shown. */
    private static MarketStore besides(MarketStore first, MarketStore ofBars) {
        String name = ofBars.capabilities().name();
        return name.equals(first.capabilities().name()) ? new NamedMarketStore(ofBars, name + "-bars") : ofBars;
    }

    private MarketStore metered(MarketStore opened) {
        return instruments.map(each -> each.metered(opened)).orElse(opened);
    }

    private <T extends AutoCloseable> T add(T part) {
        parts.push(part);
        return part;
    }
}
