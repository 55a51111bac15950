package io.tsdash.pipeline;

import io.tsdash.aggregation.Outcome;
import io.tsdash.bus.BusConsumer;
import io.tsdash.bus.ConsumerOptions;
import io.tsdash.bus.EventBus;
import io.tsdash.bus.FailurePolicy;
import io.tsdash.bus.OverflowPolicy;
import io.tsdash.bus.Share;
import io.tsdash.distribution.MarketChannels;
import io.tsdash.distribution.PartState;
import io.tsdash.distribution.PartStatus;
import io.tsdash.error.PermanentException;
import io.tsdash.model.Interval;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.Feed;
import io.tsdash.store.MarketStore;
import io.tsdash.store.StoreRoutes;
import io.tsdash.store.writer.StoreWriter;
import io.tsdash.store.writer.StoreWriterCounts;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.TradeTraces;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps from a feed to the channels, wired and running:
 *
 * <pre>feed ─▶ bus ─┬▶ bars ─▶ channels
 *              │     └──▶ store (bars)
 *              └▶ store (trades)</pre>
 *
 * <p>Back-pressure all the way: a full step holds the one before it. Feed, bus, store and hub belong to the caller, who
 * closes hub and store after this; feed and bus are closed by {@link #close}. Thread-safe.
 */
public final class MarketPipeline implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MarketPipeline.class);
    private static final long TICK_MILLIS = 100;
    private static final long STATUS_MILLIS = 1_000;
    private static final Duration STANDS_STILL_MAX = Duration.ofSeconds(5);
    private static final long RETENTION_SECONDS = 60;
    private static final long RETENTION_STEP_NANOS_MAX = Duration.ofHours(1).toNanos();
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final int BARS_CAPACITY = 1 << 14;
    private static final int BARS_BATCH = 1_024;
    private static final String STORE_CONSUMER = "store";
    private static final int STORE_CAPACITY = 1 << 17;
    private static final int STORE_BATCH = 1 << 15;
    private static final Duration REPLAY_TIMEOUT = Duration.ofMinutes(2);
    private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(3);

    private final PipelineConfig config;
    private final Feed feed;
    private final EventBus bus;
    private final MarketStore store;
    private final MarketChannels channels;
    private final TimeSource time;
    private final FeedPublisher publisher;
    private final StoreStage storeStage;
    private final List<BarWriter> barWriters;
    private final BarStage barStage;
    private final StandStill standStill = new StandStill();
    private final ScheduledExecutorService ticker = Executors.newScheduledThreadPool(3, task -> {
        Thread thread = new Thread(task, "tsdash-ticker");
        thread.setDaemon(true);
        return thread;
    });
    private final AtomicBoolean closed = new AtomicBoolean();
    private final long startedNanos;
    private volatile @Nullable BusConsumer tradesConsumer;
    private volatile @Nullable BusConsumer barsConsumer;
    private long keptFromNanos; // of the ticker's thread for retention

    /**
     * Wires the steps with one store that keeps everything; {@link #start} sets them going.
     *
     * @param config intervals and bounds
     * @param feed not started
     * @param bus without consumers
     * @param store where trades and bars are kept
     * @param channels where clients see them
     * @param time the clocks
     * @param listener hears of what did not go as it should
     */
    public MarketPipeline(
            PipelineConfig config,
            Feed feed,
            EventBus bus,
            MarketStore store,
            MarketChannels channels,
            TimeSource time,
            PipelineListener listener) {
        this(config, feed, bus, StoreRoutes.all(store), channels, time, listener, TradeTraces.none());
    }

    /**
     * Wires the steps; {@link #start} sets them going.
     *
     * @param config intervals and bounds
     * @param feed not started
     * @param bus without consumers
     * @param routes which store keeps what
     * @param channels where clients see them
     * @param time the clocks
     * @param listener hears of what did not go as it should
     * @param traces follows some of the trades; the channels should be made with the same
     */
    public MarketPipeline(
            PipelineConfig config,
            Feed feed,
            EventBus bus,
            StoreRoutes routes,
            MarketChannels channels,
            TimeSource time,
            PipelineListener listener,
            TradeTraces traces) {
        this.config = config;
        this.feed = feed;
        this.bus = bus;
        this.store = routes.asOne();
        this.channels = channels;
        this.time = time;
        this.startedNanos = time.epochNanos();
        FarAhead farAhead = new FarAhead(config.aheadMax());
        String carrier =
                bus.capabilities().betweenProcesses() ? bus.capabilities().name() : "bus";
        bus.follow(traces);
        publisher = new FeedPublisher(bus, farAhead, listener, traces);
        storeStage = new StoreStage(routes, config.store(), farAhead, time, listener, traces, carrier);
        barWriters = routes.bars().stream()
                .map(each -> new BarWriter(each, config.store().retry(), time, listener))
                .toList();
        barStage = new BarStage(
                feed.name(), bus.partitions(), config, channels, barWriters, farAhead, time, listener, traces, carrier);
    }

    /** Goes on from what the store holds, then starts the feed. */
    @SuppressWarnings("FutureReturnValueIgnored") // a tick catches what goes wrong in it
    public void start() {
        if (!storeStage.awaitReplay(REPLAY_TIMEOUT)) {
            LOG.warn(
                    "trades of before still wait on disk for a store: bars of that time may change once they are there");
        }
        // The position of the bars is taken before the store is read: what comes in between comes twice, and counts
        // once.
        tradesConsumer = bus.subscribe(consumer(STORE_CONSUMER, STORE_CAPACITY, STORE_BATCH), storeStage);
        BusConsumer bars = bus.subscribe(
                consumer("bars", BARS_CAPACITY, BARS_BATCH).withShare(Share.everyNodeAfter(STORE_CONSUMER)), barStage);
        barsConsumer = bars;
        LOG.debug("consumers {} and {} are on the bus", bars.name(), tradesConsumer.name());
        try {
            new Recovery(store, config.intervals(), config.lateness())
                    .run(feed.name(), bus::partitionOf, barStage, channels);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PermanentException("interrupted while going on from the store", e);
        }
        barStage.open();
        barWriters.forEach(BarWriter::start);
        ticker.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
        ticker.scheduleWithFixedDelay(this::reportStatus, TICK_MILLIS, STATUS_MILLIS, TimeUnit.MILLISECONDS);
        ticker.scheduleWithFixedDelay(this::applyRetention, RETENTION_SECONDS, RETENTION_SECONDS, TimeUnit.SECONDS);
        feed.start(publisher);
    }

    /** Returns what was done so far. */
    public PipelineCounts counts() {
        return new PipelineCounts(
                publisher.trades.sum(),
                publisher.quotes.sum(),
                publisher.published.sum(),
                publisher.notPublished.sum(),
                publisher.refused.sum(),
                publisher.gaps.sum(),
                storeStage.sum(StoreWriterCounts::stored),
                storeStage.sum(StoreWriterCounts::duplicates),
                storeStage.sum(StoreWriterCounts::lost),
                storeStage.sum(StoreWriterCounts::spilled),
                storeStage.sum(StoreWriterCounts::onDisk),
                storeStage.sum(StoreWriterCounts::setAside),
                barStage.count(Outcome.ADDED_LATE),
                barStage.count(Outcome.TOO_LATE),
                publisher.tooFarAhead.sum() + barStage.tooFarAhead.sum(),
                barStage.count(Outcome.DUPLICATE),
                barStage.count(Outcome.CORRECTED),
                barStage.count(Outcome.CANCELLED),
                barStage.closed.sum(),
                barStage.revised.sum(),
                barWriters.stream().mapToLong(BarWriter::waiting).sum());
    }

    /** Returns how many events wait on the bus, by consumer and partition; nothing before the start. */
    public Map<String, Map<Integer, Long>> waiting() {
        Map<String, Map<Integer, Long>> waiting = new TreeMap<>();
        for (BusConsumer consumer : Arrays.asList(barsConsumer, tradesConsumer)) {
            if (consumer != null) {
                waiting.put(consumer.name(), consumer.lagByPartition());
            }
        }
        return waiting;
    }

    /** Returns how the writers to the stores are, one for each store: those that get trades, then those that get bars alone. */
    public List<StoreState> stores() {
        Set<String> names = new LinkedHashSet<>();
        storeStage.writers().forEach(each -> names.add(each.store()));
        barWriters.forEach(each -> names.add(each.store()));
        return names.stream().map(this::store).toList();
    }

    private StoreState store(String name) {
        List<StoreWriter> trades = storeStage.writers().stream()
                .filter(each -> each.store().equals(name))
                .toList();
        List<BarWriter> bars =
                barWriters.stream().filter(each -> each.store().equals(name)).toList();
        String problem = Stream.concat(
                        trades.stream().map(StoreWriter::problem), bars.stream().map(BarWriter::problem))
                .filter(each -> !each.isEmpty())
                .findFirst()
                .orElse("");
        return new StoreState(
                name,
                trades.isEmpty() ? StoreWriterCounts.NONE : trades.get(0).counts(),
                bars.stream().mapToLong(BarWriter::waiting).sum(),
                bars.stream().mapToLong(BarWriter::behindNanos).max().orElse(0),
                problem);
    }

    /** Returns whether the feed has delivered all there is, or was closed. */
    public boolean feedEnded() {
        return publisher.state() == ConnectionState.ENDED;
    }

    /** Returns why what the feed delivers is stale; empty while it is not. Before the start it is. */
    public String feedProblem() {
        PartStatus status = feedStatus();
        return status.stale() ? "feed " + status.name() + " is " + status.state() + ": " + status.reason() : "";
    }

    /** Returns why a store does not take trades or bars; empty while all do. */
    public String storeProblem() {
        return stores().stream()
                .filter(state -> !state.problem().isEmpty())
                .map(state -> "store " + state.store() + ": " + state.problem())
                .findFirst()
                .orElse("");
    }

    /** Returns why events on the bus do not come into prices and bars, or not into the stores; empty while they do. */
    public String busProblem() {
        String standing = standing();
        BusConsumer trades = tradesConsumer;
        return standing.isEmpty() && trades != null && hasStopped(trades) ? stopped(trades) : standing;
    }

    /**
     * Waits until all that was published is in the bars and in the stores, or on disk for them; returns whether it was, within
     * the timeout.
     */
    public boolean drain(Duration timeout) {
        long untilNanos = time.monotonicNanos() + timeout.toNanos();
        return bus.drain(timeout) && storeStage.flush(Duration.ofNanos(untilNanos - time.monotonicNanos()));
    }

    /** Stops the feed, brings all that was accepted to the store and the channels, and ends, within a few seconds. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        publisher.close();
        feed.close();
        storeStage.hurry();
        if (!bus.drain(DRAIN_TIMEOUT)) {
            LOG.error("not all events were handed on within {}", DRAIN_TIMEOUT);
        }
        bus.close();
        ticker.shutdown();
        try {
            if (!ticker.awaitTermination(1, TimeUnit.SECONDS)) {
                ticker.shutdownNow();
            }
            barStage.tick(time.monotonicNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (PermanentException e) {
            LOG.warn("the last bars did not reach the channels: {}", e.getMessage());
        }
        barWriters.forEach(BarWriter::close);
        storeStage.close();
    }

    private static ConsumerOptions consumer(String name, int capacity, int batchMax) {
        return new ConsumerOptions(name, capacity, batchMax, 1, OverflowPolicy.BLOCK, FailurePolicy.SKIP);
    }

    private void tick() {
        try {
            barStage.tick(time.monotonicNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("a tick failed; the next one comes", e);
        }
    }

    /** On a thread of its own: who waits for a lock of the bars says nothing about them. */
    private void reportStatus() {
        try {
            BusConsumer trades = tradesConsumer;
            if (trades != null && bus.capabilities().betweenProcesses()) {
                Set<Integer> own = trades.lagByPartition().keySet();
                barWriters.forEach(writer -> writer.own(own));
            }
            BusConsumer bars = barsConsumer;
            if (bars != null) {
                standStill.look(bars.lagByPartition(), barStage::handled, time.monotonicNanos());
            }
            channels.status(feedStatus());
            for (StoreState store : stores()) {
                channels.status(PartStatus.of(
                        "store " + store.store(),
                        store.problem().isEmpty() ? PartState.LIVE : PartState.DOWN,
                        startedNanos,
                        store.problem()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("the status was not told; it is again in a second", e);
        }
    }

    /** Returns why nothing comes into prices and bars that is on the bus. */
    private String standing() {
        BusConsumer bars = barsConsumer;
        if (bars != null && hasStopped(bars)) {
            return stopped(bars);
        }
        long nanos = standStill.nanos();
        return nanos >= STANDS_STILL_MAX.toNanos()
                ? "events wait on the bus, and for " + TimeUnit.NANOSECONDS.toSeconds(nanos)
                        + " s none of a partition has come into prices and bars"
                : "";
    }

    private boolean hasStopped(BusConsumer consumer) {
        return !consumer.running() && !closed.get();
    }

    private static String stopped(BusConsumer consumer) {
        return "consumer " + consumer.name() + " has stopped, and stays so until a restart";
    }

    private PartStatus feedStatus() {
        PartState state = PartState.valueOf(publisher.state().name());
        long quietNanos = time.monotonicNanos() - barStage.newestBatchNanos();
        boolean quiet = config.quietMax().isPresent()
                && quietNanos > config.quietMax().get().toNanos();
        String standing = standing();
        boolean stale = quiet || !standing.isEmpty() || (state != PartState.LIVE && state != PartState.ENDED);
        return new PartStatus(
                feed.name(),
                state,
                startedNanos,
                reason(standing, quiet ? quietNanos : 0),
                TimeUnit.NANOSECONDS.toMillis(barStage.newestLagNanos()),
                publisher.gaps.sum(),
                barStage.count(Outcome.ADDED_LATE) + barStage.count(Outcome.TOO_LATE),
                barStage.count(Outcome.DUPLICATE),
                publisher.refused.sum() + publisher.tooFarAhead.sum() + barStage.tooFarAhead.sum(),
                stale);
    }

    private String reason(String standing, long quietNanos) {
        if (!standing.isEmpty()) {
            return standing;
        }
        return quietNanos > 0
                ? "nothing came over the bus for " + TimeUnit.NANOSECONDS.toSeconds(quietNanos) + " s"
                : publisher.reason();
    }

    /**
     * Retention goes by event time, so that replays of old tapes are kept as long as new data. Bars of less than a minute
     * go with the trades: they are as many. Longer ones stay. In steps of a hundredth of what is kept, or an hour: to remove
     * a minute's trades costs a column store as much as to remove a day's.
     */
    private void applyRetention() {
        if (config.keepTrades().isEmpty()) {
            return;
        }
        Duration keep = config.keepTrades().get();
        long before = barStage.newestEventNanos() - keep.toNanos();
        if (before <= 0 || before < keptFromNanos + Math.min(RETENTION_STEP_NANOS_MAX, keep.toNanos() / 100)) {
            return;
        }
        try {
            long trades = store.deleteTradesBefore(before);
            long bars = 0;
            for (Interval interval : config.intervals()) {
                if (interval.size().compareTo(MINUTE) < 0) {
                    bars += store.deleteBarsBefore(interval, before);
                }
            }
            keptFromNanos = before;
            LOG.info("retention removed {} trades and {} bars older than {}", trades, bars, keep);
        } catch (RuntimeException e) {
            LOG.error("retention failed; it is tried again in {} s", RETENTION_SECONDS, e);
        }
    }
}
