package io.tsdash.observability;

import static io.tsdash.observability.Kind.COUNTER;
import static io.tsdash.observability.Kind.GAUGE;
import static io.tsdash.observability.Kind.HISTOGRAM;
import static io.tsdash.observability.Unit.BYTES;
import static io.tsdash.observability.Unit.ONE;
import static io.tsdash.observability.Unit.SECONDS;

import java.util.List;

/**
 * All metrics: the one place that says what there is. {@code docs/metrics.md} is made of it.
 *
 * <p>No tag holds a symbol, a user or a session: there may be any number of them, and each would be a series of its own.
 */
public enum Metric {
    /** {@code tsdash.feed.events}. */
    FEED_EVENTS("tsdash.feed.events", COUNTER, ONE, "Trades and quotes that the feed delivered", "type"),
    /** {@code tsdash.feed.up}. */
    FEED_UP("tsdash.feed.up", GAUGE, ONE, "1 while the feed is live, else 0"),
    /** {@code tsdash.feed.gaps}. */
    FEED_GAPS("tsdash.feed.gaps", COUNTER, ONE, "Gaps that the feed noticed"),
    /** {@code tsdash.feed.gap.missing}. */
    FEED_GAP_MISSING(
            "tsdash.feed.gap.missing",
            COUNTER,
            ONE,
            "Trades that stay missing after their gap was filled as far as it could be; 1 for a gap of unknown size"),
    /** {@code tsdash.feed.backfills}. */
    FEED_BACKFILLS(
            "tsdash.feed.backfills",
            COUNTER,
            ONE,
            "Gaps whose trades were asked for again, and how that ended",
            "outcome"),
    /** {@code tsdash.feed.refused}. */
    FEED_REFUSED("tsdash.feed.refused", COUNTER, ONE, "Inputs that could not be understood"),
    /** {@code tsdash.feed.clock.skew}. */
    FEED_CLOCK_SKEW(
            "tsdash.feed.clock.skew",
            GAUGE,
            SECONDS,
            "Receive time less event time, at the least; below 0 our clock is behind"),

    /** {@code tsdash.stream.lag}. */
    STREAM_LAG(
            "tsdash.stream.lag",
            HISTOGRAM,
            SECONDS,
            "From an event to each step; of one batch a millisecond its oldest event, for the store its first; and of traced trades",
            "step"),
    /** {@code tsdash.stream.partition.lag}. */
    STREAM_PARTITION_LAG(
            "tsdash.stream.partition.lag",
            GAUGE,
            SECONDS,
            "From an event to the bars, of the newest batch of each partition; its age now while others wait behind it",
            "partition"),
    /** {@code tsdash.bus.waiting}. */
    BUS_WAITING("tsdash.bus.waiting", GAUGE, ONE, "Events that wait on the bus", "consumer", "partition"),
    /** {@code tsdash.bus.lost}. */
    BUS_LOST(
            "tsdash.bus.lost",
            COUNTER,
            ONE,
            "Events that a consumer did not get or could not use",
            "consumer",
            "reason"),
    /** {@code tsdash.bus.retries}. */
    BUS_RETRIES("tsdash.bus.retries", COUNTER, ONE, "Batches that were handed to a consumer again", "consumer"),
    /** {@code tsdash.bus.stopped}. */
    BUS_STOPPED("tsdash.bus.stopped", COUNTER, ONE, "Consumers that stopped because they failed", "consumer"),
    /** {@code tsdash.bus.full}. */
    BUS_FULL("tsdash.bus.full", COUNTER, ONE, "Times that the bus did not take an event from the feed"),
    /** {@code tsdash.bus.dead.letters}. */
    BUS_DEAD_LETTERS(
            "tsdash.bus.dead.letters",
            COUNTER,
            ONE,
            "Records that went to the dead letters, by where they came from",
            "topic"),

    /** {@code tsdash.trades.set.aside}. */
    TRADES_SET_ASIDE("tsdash.trades.set.aside", COUNTER, ONE, "Trades that are in no bar", "reason"),
    /** {@code tsdash.trades.late}. */
    TRADES_LATE("tsdash.trades.late", COUNTER, ONE, "Trades that came out of order, in time for their bars"),
    /** {@code tsdash.trades.corrected}. */
    TRADES_CORRECTED("tsdash.trades.corrected", COUNTER, ONE, "Corrections taken in"),
    /** {@code tsdash.trades.cancelled}. */
    TRADES_CANCELLED("tsdash.trades.cancelled", COUNTER, ONE, "Cancels taken in"),
    /** {@code tsdash.bars}. */
    BARS("tsdash.bars", COUNTER, ONE, "Bars that closed, and that changed after that", "state"),
    /** {@code tsdash.bars.waiting}. */
    BARS_WAITING("tsdash.bars.waiting", GAUGE, ONE, "Bars that wait for the store", "store"),
    /** {@code tsdash.bars.behind}. */
    BARS_BEHIND(
            "tsdash.bars.behind", GAUGE, SECONDS, "How long ago the store had all bars; 0 while none waits", "store"),
    /** {@code tsdash.bars.set.aside}. */
    BARS_SET_ASIDE("tsdash.bars.set.aside", COUNTER, ONE, "Bars that the store refuses for good", "store"),
    /** {@code tsdash.keys}. */
    KEYS("tsdash.keys", GAUGE, ONE, "Symbols that have a price from a feed"),
    /** {@code tsdash.keys.stale}. */
    KEYS_STALE("tsdash.keys.stale", GAUGE, ONE, "Those of them whose price is marked as stale"),

    /** {@code tsdash.store.write.duration}. */
    STORE_WRITE_DURATION(
            "tsdash.store.write.duration",
            HISTOGRAM,
            SECONDS,
            "Writes of batches of trades that the store took",
            "store"),
    /** {@code tsdash.store.rows}. */
    STORE_ROWS("tsdash.store.rows", COUNTER, ONE, "Trades for a store, by what became of them", "store", "outcome"),
    /** {@code tsdash.store.batches}. */
    STORE_BATCHES("tsdash.store.batches", COUNTER, ONE, "Batches that the store took", "store"),
    /** {@code tsdash.store.retries}. */
    STORE_RETRIES("tsdash.store.retries", COUNTER, ONE, "Writes of trades or bars that were tried again", "store"),
    /** {@code tsdash.store.queued}. */
    STORE_QUEUED("tsdash.store.queued", GAUGE, ONE, "Trades that wait for the store in memory", "store"),
    /** {@code tsdash.store.spill.size}. */
    STORE_SPILL_SIZE("tsdash.store.spill.size", GAUGE, ONE, "Trades that wait for the store on disk", "store"),
    /** {@code tsdash.store.spill.faults}. */
    STORE_SPILL_FAULTS(
            "tsdash.store.spill.faults",
            COUNTER,
            ONE,
            "Times that a place on disk had no room or could not be written, and files in it of which a part cannot be read",
            "store",
            "fault"),
    /** {@code tsdash.store.up}. */
    STORE_UP("tsdash.store.up", GAUGE, ONE, "1 while the store takes trades and bars, else 0", "store"),
    /** {@code tsdash.store.size}. */
    STORE_SIZE("tsdash.store.size", GAUGE, BYTES, "What trades and bars take on disk, asked once a minute", "store"),
    /** {@code tsdash.store.pool.used}. */
    STORE_POOL_USED("tsdash.store.pool.used", GAUGE, ONE, "Connections to the store that a call has", "store"),
    /** {@code tsdash.store.pool.max}. */
    STORE_POOL_MAX("tsdash.store.pool.max", GAUGE, ONE, "Connections to the store that there may be", "store"),
    /** {@code tsdash.store.query.duration}. */
    STORE_QUERY_DURATION(
            "tsdash.store.query.duration", HISTOGRAM, SECONDS, "Questions to a store", "store", "operation", "outcome"),

    /** {@code tsdash.cache.requests}. */
    CACHE_REQUESTS("tsdash.cache.requests", COUNTER, ONE, "Questions to a cache", "cache", "result"),
    /** {@code tsdash.cache.load.duration}. */
    CACHE_LOAD_DURATION(
            "tsdash.cache.load.duration", HISTOGRAM, SECONDS, "Loads of what is not in a cache", "cache", "outcome"),
    /** {@code tsdash.cache.refused}. */
    CACHE_REFUSED("tsdash.cache.refused", COUNTER, ONE, "Loads for which there was no place", "cache"),
    /** {@code tsdash.cache.failures}. */
    CACHE_FAILURES("tsdash.cache.failures", COUNTER, ONE, "Reads and writes of a cache that failed", "cache"),

    /** {@code tsdash.cache.behind}. */
    CACHE_BEHIND(
            "tsdash.cache.behind",
            COUNTER,
            ONE,
            "Values on their way to a store behind a cache, by what became of them",
            "cache",
            "outcome"),
    /** {@code tsdash.cache.behind.retries}. */
    CACHE_BEHIND_RETRIES(
            "tsdash.cache.behind.retries", COUNTER, ONE, "Writes behind a cache that were tried again", "cache"),
    /** {@code tsdash.cache.behind.waiting}. */
    CACHE_BEHIND_WAITING(
            "tsdash.cache.behind.waiting", GAUGE, ONE, "Values that wait behind a cache, and where", "cache", "place"),

    /** {@code tsdash.breaker.state}. */
    BREAKER_STATE(
            "tsdash.breaker.state",
            GAUGE,
            ONE,
            "1 for the state that the breaker is in, 0 for the others",
            "breaker",
            "state"),
    /** {@code tsdash.breaker.refused}. */
    BREAKER_REFUSED("tsdash.breaker.refused", COUNTER, ONE, "Calls that a breaker refused", "breaker"),
    /** {@code tsdash.calls.refused}. */
    CALLS_REFUSED(
            "tsdash.calls.refused", COUNTER, ONE, "Calls that were not made because too many were under way", "guard"),
    /** {@code tsdash.calls.retried}. */
    CALLS_RETRIED(
            "tsdash.calls.retried", COUNTER, ONE, "Calls that were made again because they failed in passing", "guard"),
    /** {@code tsdash.calls.timed.out}. */
    CALLS_TIMED_OUT(
            "tsdash.calls.timed.out", COUNTER, ONE, "Calls that were given up because they took too long", "guard"),
    /** {@code tsdash.fallbacks}. */
    FALLBACKS(
            "tsdash.fallbacks",
            COUNTER,
            ONE,
            "Questions that a source did not answer, so that the next was asked",
            "chain",
            "source"),
    /** {@code tsdash.limiter.refused}. */
    LIMITER_REFUSED(
            "tsdash.limiter.refused", COUNTER, ONE, "Requests refused because their sender sent too many", "limiter"),
    /** {@code tsdash.redis.up}. */
    REDIS_UP("tsdash.redis.up", GAUGE, ONE, "1 while Redis answers, else 0"),

    /** {@code tsdash.connections}. */
    CONNECTIONS("tsdash.connections", GAUGE, ONE, "Clients that follow channels", "transport"),
    /** {@code tsdash.connections.opened}. */
    CONNECTIONS_OPENED("tsdash.connections.opened", COUNTER, ONE, "Clients that began to follow channels", "transport"),
    /** {@code tsdash.connections.closed}. */
    CONNECTIONS_CLOSED(
            "tsdash.connections.closed", COUNTER, ONE, "Clients that have gone, and why", "transport", "reason"),
    /** {@code tsdash.messages}. */
    MESSAGES("tsdash.messages", COUNTER, ONE, "Messages from and to clients that follow channels", "direction"),
    /** {@code tsdash.message.size}. */
    MESSAGE_SIZE(
            "tsdash.message.size",
            HISTOGRAM,
            BYTES,
            "Messages that were made, before compression: one of 16; one that many clients get counts once",
            "direction"),
    /** {@code tsdash.bytes}. */
    TRAFFIC_BYTES(
            "tsdash.bytes",
            COUNTER,
            BYTES,
            "Bytes of these messages as they go over the connection, before TLS",
            "direction"),
    /** {@code tsdash.session.queue}. */
    SESSION_QUEUE("tsdash.session.queue", GAUGE, BYTES, "What waits for the network, of all clients together"),
    /** {@code tsdash.session.queue.max}. */
    SESSION_QUEUE_MAX(
            "tsdash.session.queue.max", GAUGE, BYTES, "What waits for the network, of the client that has most"),
    /** {@code tsdash.updates.conflated}. */
    UPDATES_CONFLATED(
            "tsdash.updates.conflated",
            COUNTER,
            ONE,
            "Updates that a client never got because newer ones replaced them"),
    /** {@code tsdash.sessions.slow}. */
    SESSIONS_SLOW("tsdash.sessions.slow", COUNTER, ONE, "Times that a client had too much waiting and was passed over"),
    /** {@code tsdash.updates.refused}. */
    UPDATES_REFUSED("tsdash.updates.refused", COUNTER, ONE, "Updates that a channel did not take"),
    /** {@code tsdash.access.refused}. */
    ACCESS_REFUSED(
            "tsdash.access.refused",
            COUNTER,
            ONE,
            "Clients and commands that were refused, by the code they were told",
            "code"),
    /** {@code http.server.request.duration}, as OpenTelemetry's semantic conventions have it. */
    HTTP_SERVER_REQUEST_DURATION(
            "http.server.request.duration",
            HISTOGRAM,
            SECONDS,
            "Requests until their answer, or until they became a socket or a stream",
            "http.request.method",
            "http.route",
            "http.response.status_code"),

    /** {@code tsdash.relay.leading}. */
    RELAY_LEADING("tsdash.relay.leading", GAUGE, ONE, "1 on the server that makes the channels, 0 on the others"),
    /** {@code tsdash.relay.up}. */
    RELAY_UP("tsdash.relay.up", GAUGE, ONE, "1 while the relay brings what its leader makes, 0 after 3 s without"),
    /** {@code tsdash.relay.epochs}. */
    RELAY_EPOCHS("tsdash.relay.epochs", COUNTER, ONE, "Times that all clients got all channels anew"),
    /** {@code tsdash.relay.missed}. */
    RELAY_MISSED("tsdash.relay.missed", COUNTER, ONE, "Events of the feed that may be in no channel and no store"),
    /** {@code tsdash.relay.failed}. */
    RELAY_FAILED("tsdash.relay.failed", COUNTER, ONE, "Times that the log between the servers was tried in vain"),
    /** {@code tsdash.traces.evicted}. */
    TRACES_EVICTED(
            "tsdash.traces.evicted",
            COUNTER,
            ONE,
            "Traced trades whose way is not recorded to its end, since too many were under way"),
    /** {@code tsdash.traces.skipped}. */
    TRACES_SKIPPED(
            "tsdash.traces.skipped",
            COUNTER,
            ONE,
            "Trades of the traced share that are not traced, since as many as are allowed began in their second"),
    /** {@code tsdash.spans.lost}. */
    SPANS_LOST("tsdash.spans.lost", COUNTER, ONE, "Spans that the back end of traces did not get", "reason"),

    /** {@code tsdash.log.suppressed}. */
    LOG_SUPPRESSED(
            "tsdash.log.suppressed",
            COUNTER,
            ONE,
            "Events that were counted and not written to the log, as they repeat");

    private final String metric;
    private final Kind kind;
    private final Unit unit;
    private final String description;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> tags;

    Metric(String metric, Kind kind, Unit unit, String description, String... tags) {
        this.metric = metric;
        this.kind = kind;
        this.unit = unit;
        this.description = description;
        this.tags = List.of(tags);
    }

    /** Returns its name with dots, as Micrometer and OpenTelemetry have it. */
    public String metric() {
        return metric;
    }

    /** Returns its name in Prometheus; a histogram's series have more after it. */
    public String prometheus() {
        String name = metric.replace('.', '_')
                + (unit.word().isEmpty() || metric.endsWith(unit.word()) ? "" : "_" + unit.word());
        return kind == COUNTER ? name + "_total" : name;
    }

    /** Returns what it is. */
    public Kind kind() {
        return kind;
    }

    /** Returns what it is measured in. */
    public Unit unit() {
        return unit;
    }

    /** Returns what it counts or measures, for people. */
    public String description() {
        return description;
    }

    /** Returns the names of its tags. */
    public List<String> tags() {
        return tags;
    }

    /** Returns the values of tags, if there are as many as it has tags. */
    String[] checked(String... values) {
        if (values.length != tags.size()) {
            throw new IllegalArgumentException(metric + " has the tags " + tags + " but was given " + List.of(values));
        }
        return values;
    }
}
