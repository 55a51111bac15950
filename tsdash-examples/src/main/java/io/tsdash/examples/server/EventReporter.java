package io.tsdash.examples.server;

import io.tsdash.aggregation.Outcome;
import io.tsdash.bus.BusListener;
import io.tsdash.distribution.Alert;
import io.tsdash.distribution.HubListener;
import io.tsdash.distribution.NewsItem;
import io.tsdash.distribution.PartState;
import io.tsdash.distribution.PartStatus;
import io.tsdash.distribution.WireCode;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.examples.logs.ServerLog;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Trade;
import io.tsdash.pipeline.PipelineListener;
import io.tsdash.redis.RedisListener;
import io.tsdash.relay.RelayListener;
import io.tsdash.source.Backfill;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.Gap;
import io.tsdash.source.Refused;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.TraceContext;
import io.tsdash.trace.Tracer;
import io.tsdash.trace.TradeTraceListener;
import io.tsdash.transport.ConnectionListener;
import io.tsdash.transport.access.AccessListener;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Counts everything that did not go as it should, and tells people: in the log, and on the page as alerts.
 *
 * <p>What happens often is told once in a while, with how often it happened and the newest example; the first time at
 * once. Thread-safe; never blocks the step that reports.
 */
final class EventReporter
        implements PipelineListener,
                BusListener,
                HubListener,
                AccessListener,
                ConnectionListener,
                RelayListener,
                TradeTraceListener,
                AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventReporter.class);
    private static final long PERIOD_SECONDS = 1;
    private static final int TICKS_BETWEEN_REPEATS = 30;
    /** In a second; the log takes fewer. */
    private static final int SHOWN_TRADES_MAX = 16;

    private static final long SKEW_WARNING_NANOS = 1_000_000_000;

    private static final class Kind {
        final LongAdder count = new LongAdder();
        final Alert.Severity severity;
        volatile Told newest = Told.of("", TraceContext.NONE);
        long told; // by the reporter's thread only
        long toldTick = -TICKS_BETWEEN_REPEATS;

        Kind(Alert.Severity severity) {
            this.severity = severity;
        }
    }

    /**
     * An example of what happened.
     *
     * @param symbol empty where it is about none
     * @param price NaN where it is about none
     * @param user empty where it is about none, or one who is not known
     */
    private record Told(String text, String symbol, double price, String user, TraceContext trace) {
        static Told of(String text, TraceContext trace) {
            return new Told(text, "", Double.NaN, "", trace);
        }

        static Told of(String text, MarketEvent event, TraceContext trace) {
            double price = event instanceof Trade trade ? trade.price() : Double.NaN;
            return new Told(text, event.symbol(), price, "", trace);
        }
    }

    /** A traced trade that got to a client. */
    private record ShownTrade(Trade trade, TraceContext trace, long nanos) {}

    private final TimeSource time;
    private final Map<String, Kind> kinds = new ConcurrentHashMap<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "tsdash-reporter");
        made.setDaemon(true);
        return made;
    });
    private final Map<String, Supplier<Optional<String>>> watched = new ConcurrentHashMap<>();
    private final Map<String, PartStatus> shown = new HashMap<>(); // by the reporter's thread only
    private volatile Tracer tracer = Tracer.none();
    private final LongAdder suppressed = new LongAdder();
    private final BlockingQueue<ShownTrade> shownTrades = new ArrayBlockingQueue<>(SHOWN_TRADES_MAX);
    private long tick;
    private long leftOut; // by the reporter's thread only

    EventReporter(TimeSource time) {
        this.time = time;
    }

    /** Sets what knows the span that a thread works in: what it reports carries that. */
    void tracedBy(Tracer value) {
        tracer = value;
    }

    /** Starts to tell, in the log and to the clients of this market. */
    @SuppressWarnings("FutureReturnValueIgnored") // a turn catches what goes wrong in it
    void start(ServedMarket market) {
        thread.scheduleWithFixedDelay(() -> tell(market), PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS);
    }

    /** Returns what hears of the connection to Redis; a store's listener has a word of the same name. */
    RedisListener redis() {
        return new RedisListener() {
            @Override
            public void onAway(String where, RuntimeException cause) {
                count("redis-away", Alert.Severity.WARNING, "Redis at " + where + " is away: " + cause.getMessage());
            }

            @Override
            public void onBack(String where) {
                count("redis-back", Alert.Severity.INFO, "Redis at " + where + " answers again");
            }
        };
    }

    /**
     * Shows a part in the status of the page, from the start on.
     *
     * @param problem gives the reason while it is away
     */
    void watch(String part, Supplier<Optional<String>> problem) {
        watched.put(part, problem);
    }

    /** Returns how many events were told together with others instead of by a line each. */
    long suppressed() {
        return suppressed.sum();
    }

    /** Returns how often each kind of event happened, by its code. */
    Map<String, Long> counts() {
        Map<String, Long> counts = new TreeMap<>();
        kinds.forEach((code, kind) -> counts.put(code, kind.count.sum()));
        return counts;
    }

    @Override
    public void close() {
        thread.shutdownNow();
        // Each by its own code: else the tenth kind of them would be the last.
        counts().forEach((code, count) ->
                LOG.atInfo().addKeyValue(ServerLog.ACTION, code).log("in all {}: {}", code, count));
    }

    @Override
    public void onFeedState(ConnectionState state, String reason) {
        Alert.Severity severity = state == ConnectionState.DOWN ? Alert.Severity.CRITICAL : Alert.Severity.INFO;
        count("feed-" + state.name().toLowerCase(Locale.ROOT), severity, "the feed is " + state + ": " + reason);
    }

    @Override
    public void onGap(Gap gap) {
        count("gap", Alert.Severity.WARNING, "gap in " + gap.stream() + ": " + gap.reason());
    }

    @Override
    public void onBackfill(Backfill backfill) {
        String what = backfill.gap().stream() + " after " + backfill.gap().afterSequence() + ": " + backfill.delivered()
                + " trades came late";
        if (backfill.whole()) {
            count("gap-filled", Alert.Severity.INFO, what);
        } else {
            String missing = backfill.missing() < 0 ? "some may be" : backfill.missing() + " stay";
            count("gap-stays", Alert.Severity.WARNING, what + ", " + missing + " missing: " + backfill.reason());
        }
    }

    @Override
    public void onClockSkew(long nanos) {
        Alert.Severity severity = Math.abs(nanos) > SKEW_WARNING_NANOS ? Alert.Severity.WARNING : Alert.Severity.INFO;
        count(
                severity == Alert.Severity.WARNING ? "clock-skew" : "clock-skew-small",
                severity,
                "receive time less event time is " + TimeUnit.NANOSECONDS.toMillis(nanos) + " ms at the least");
    }

    @Override
    public void onRefused(Refused refused) {
        count(
                "input-refused",
                Alert.Severity.WARNING,
                "input " + refused.position() + " refused: " + refused.reason() + ": " + refused.text());
    }

    @Override
    public void onSetAside(MarketEvent event, Outcome outcome) {
        Alert.Severity severity = outcome == Outcome.DUPLICATE ? Alert.Severity.INFO : Alert.Severity.WARNING;
        count(
                "trade-" + outcome.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                severity,
                1,
                Told.of(
                        event.symbol() + " event " + event.sequence() + " at " + event.eventTimeNanos()
                                + " is in no bar: " + outcome,
                        event,
                        tracer.current()));
    }

    @Override
    public void onStoreRetry(String store, int trades, int attempt, RuntimeException cause) {
        count("store-retry", Alert.Severity.INFO, "store " + store + ": tries again: " + cause.getMessage());
    }

    @Override
    public void onSpilled(String store, int trades, RuntimeException cause) {
        count(
                "store-spilled",
                Alert.Severity.WARNING,
                trades,
                "store " + store + ": trades wait on disk: " + cause.getMessage());
    }

    @Override
    public void onSpillFull(String store, String reason) {
        count("store-spill-full", Alert.Severity.CRITICAL, "store " + store + ": " + reason);
    }

    @Override
    public void onSpillDamaged(String store, String file, String reason) {
        count("store-spill-damaged", Alert.Severity.CRITICAL, "store " + store + ": " + file + " " + reason);
    }

    @Override
    public void onSetAside(String store, Trade trade, RuntimeException reason) {
        count(
                "store-set-aside",
                Alert.Severity.CRITICAL,
                1,
                Told.of(
                        "store " + store + " refuses " + trade.symbol() + " trade " + trade.sequence() + " at "
                                + trade.eventTimeNanos() + ": " + reason.getMessage(),
                        trade,
                        tracer.current()));
    }

    @Override
    public void onLost(String store, int trades, RuntimeException cause) {
        count(
                "not-stored",
                Alert.Severity.CRITICAL,
                trades,
                "trades are not in store " + store + ": " + cause.getMessage());
    }

    @Override
    public void onBack(String store) {
        count("store-back", Alert.Severity.INFO, "store " + store + " takes writes again");
    }

    @Override
    public void onNotPublished(RuntimeException cause) {
        if (cause instanceof TransientException) {
            count("bus-full", Alert.Severity.CRITICAL, "the feed waits: " + cause.getMessage());
        } else {
            count("bus-refused", Alert.Severity.CRITICAL, "an event of the feed is lost: " + cause.getMessage());
        }
    }

    @Override
    public void onDropped(String consumer, int partition, long count) {
        count("bus-dropped", Alert.Severity.CRITICAL, count, "events were lost to " + consumer);
    }

    @Override
    public void onUnsent(int partition, long count, RuntimeException cause) {
        count("bus-unsent", Alert.Severity.CRITICAL, count, "events were not sent: " + cause.getMessage());
    }

    @Override
    public void onRetry(String consumer, int partition, int attempt, RuntimeException cause) {
        count("bus-retry", Alert.Severity.WARNING, consumer + " tries again: " + cause.getMessage());
    }

    @Override
    public void onSkipped(String consumer, int partition, long count, RuntimeException cause) {
        count("bus-skipped", Alert.Severity.CRITICAL, count, "events were skipped by " + consumer + ": " + cause);
    }

    @Override
    public void onStopped(String consumer, int partition, RuntimeException cause) {
        count("bus-stopped", Alert.Severity.CRITICAL, consumer + " has stopped: " + cause);
    }

    @Override
    public void conflated(String session, long updates) {
        count("conflated", Alert.Severity.INFO, updates, "session " + session + " got newer values instead");
    }

    @Override
    public void skipped(String session, long queuedBytes) {
        count("slow-client", Alert.Severity.INFO, "session " + session + " has " + queuedBytes + " bytes waiting");
    }

    @Override
    public void closed(String session, WireCode code, String text) {
        count("session-closed", Alert.Severity.INFO, "session " + session + " was closed: " + code + " " + text);
    }

    @Override
    public void refused(String channel, String why) {
        count("update-refused", Alert.Severity.INFO, channel + ": " + why);
    }

    @Override
    public void ended(String client, int code, String why) {
        count("connection-ended", Alert.Severity.INFO, client + " was ended with " + code + ": " + why);
    }

    @Override
    public void refused(String client, String user, WireCode code, String why) {
        countOf(
                user,
                "access-refused",
                client + (user.isEmpty() ? "" : " (" + user + ")") + " was refused: " + code + " " + why);
    }

    @Override
    public void limited(String client, String user) {
        countOf(
                user,
                "request-limited",
                client + (user.isEmpty() ? "" : " (" + user + ")") + " sends requests faster than it may");
    }

    @Override
    public void onLeading(long term) {
        count("relay-leads", Alert.Severity.INFO, "this server leads, term " + term);
    }

    @Override
    public void onFollowing(String reason) {
        count("relay-follows", Alert.Severity.INFO, "this server does not lead any more: " + reason);
    }

    @Override
    public void onNewEpoch(String reason) {
        count("relay-epoch", Alert.Severity.WARNING, "all clients get all channels anew: " + reason);
    }

    @Override
    public void onLoaded(String reason) {
        count("relay-loaded", Alert.Severity.INFO, "channels were loaded as a whole: " + reason);
    }

    @Override
    public void onFailed(RuntimeException cause) {
        count("relay-failed", Alert.Severity.WARNING, "the relay tries again: " + cause.getMessage());
    }

    @Override
    public void onMissed(long events, String reason) {
        count("relay-missed", Alert.Severity.CRITICAL, events, "events may be in no channel and no store: " + reason);
    }

    /** Called by the loops of sockets, which must not wait for the log. */
    @Override
    public void onShown(Trade trade, TraceContext trace, long nanos) {
        if (!shownTrades.offer(new ShownTrade(trade, trace, nanos))) {
            suppressed.increment();
        }
    }

    private void tellShownTrades() {
        for (ShownTrade each = shownTrades.poll(); each != null; each = shownTrades.poll()) {
            line("price-update", Level.INFO, Told.of("", each.trade, each.trace))
                    .addKeyValue(ServerLog.LATENCY, TimeUnit.NANOSECONDS.toMillis(each.nanos))
                    .log(
                            "trade {} of {} at {} was shown",
                            each.trade.sequence(),
                            each.trade.symbol(),
                            each.trade.price());
        }
    }

    private void countOf(String user, String code, String newest) {
        count(code, Alert.Severity.INFO, 1, new Told(newest, "", Double.NaN, user, tracer.current()));
    }

    void count(String code, Alert.Severity severity, String newest) {
        count(code, severity, 1, newest);
    }

    void count(String code, Alert.Severity severity, long times, String newest) {
        count(code, severity, times, Told.of(newest, tracer.current()));
    }

    private void count(String code, Alert.Severity severity, long times, Told newest) {
        Kind kind = kinds.computeIfAbsent(code, key -> new Kind(severity));
        kind.count.add(times);
        kind.newest = newest;
    }

    private static LoggingEventBuilder line(String code, Level level, Told told) {
        int dash = code.indexOf('-');
        LoggingEventBuilder line = LOG.atLevel(level)
                .addKeyValue(ServerLog.ACTION, code)
                .addKeyValue(ServerLog.COMPONENT, dash < 0 ? code : code.substring(0, dash));
        if (!told.symbol.isEmpty()) {
            line = line.addKeyValue(ServerLog.SYMBOL, told.symbol);
        }
        if (!Double.isNaN(told.price)) {
            line = line.addKeyValue(ServerLog.PRICE, told.price);
        }
        if (!told.user.isEmpty()) {
            line = line.addKeyValue(ServerLog.USER, told.user);
        }
        if (told.trace.isPresent()) {
            line = line.addKeyValue(ServerLog.TRACE, told.trace.traceId())
                    .addKeyValue(ServerLog.SPAN, told.trace.spanId());
        }
        return line;
    }

    private void tell(ServedMarket market) {
        tick++;
        try {
            show(market);
            tellShownTrades();
            if (tick % TICKS_BETWEEN_REPEATS == 0) {
                tellLeftOut();
            }
            for (Map.Entry<String, Kind> entry : new TreeMap<>(kinds).entrySet()) {
                Kind kind = entry.getValue();
                long count = kind.count.sum();
                if (count > kind.told && tick - kind.toldTick >= TICKS_BETWEEN_REPEATS) {
                    tell(market, entry.getKey(), kind, count - kind.told);
                    kind.told = count;
                    kind.toldTick = tick;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (PermanentException e) {
            LOG.debug("the channels are closed: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("could not tell what happened", e);
        }
    }

    private void tellLeftOut() {
        long now = ServerLog.suppressed();
        if (now > leftOut) {
            line("log-suppressed", Level.INFO, Told.of("", TraceContext.NONE))
                    .log("{} lines were not written, as they repeat", now - leftOut);
            leftOut = now;
        }
    }

    /** These parts make nothing stale by themselves: prices are marked by their feed. */
    private void show(ServedMarket market) throws InterruptedException {
        for (Map.Entry<String, Supplier<Optional<String>>> each : watched.entrySet()) {
            Optional<String> problem = each.getValue().get();
            PartState state = problem.isPresent() ? PartState.DOWN : PartState.LIVE;
            PartStatus before = shown.get(each.getKey());
            long since = before != null && before.state() == state ? before.sinceNanos() : time.epochNanos();
            PartStatus now = new PartStatus(each.getKey(), state, since, problem.orElse(""), 0, 0, 0, 0, 0, false);
            if (!now.equals(before)) {
                shown.put(each.getKey(), now);
                market.status(now);
            }
        }
    }

    private void tell(ServedMarket market, String code, Kind kind, long times) throws InterruptedException {
        suppressed.add(times - 1);
        Told newest = kind.newest;
        String text = times == 1 ? newest.text : times + " times: " + newest.text;
        Level level = switch (kind.severity) {
            case INFO -> Level.INFO;
            case WARNING -> Level.WARN;
            case CRITICAL -> Level.ERROR;
        };
        line(code, level, newest).log("{}: {}", code, text);
        if (code.startsWith("feed-") && kind.severity == Alert.Severity.INFO) {
            market.news(new NewsItem(time.epochNanos(), "Feed", text, List.of()));
        } else if (kind.severity != Alert.Severity.INFO) {
            market.alert(new Alert(time.epochNanos(), kind.severity, code, text));
        }
    }
}
