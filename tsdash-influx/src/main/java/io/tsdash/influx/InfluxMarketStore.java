package io.tsdash.influx;

import io.tsdash.error.PermanentException;
import io.tsdash.influx.InfluxDialect.Policy;
import io.tsdash.influx.InfluxHttp.Reply;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import io.tsdash.store.AppendResult;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import io.tsdash.store.StoreCapabilities;
import io.tsdash.store.TradeRange;
import io.tsdash.time.TimeSource;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Trades and bars in InfluxDB 1.x, 2.x or 3.x, over its HTTP API.
 *
 * <p>An acknowledged write is on the server's disk. One process at a time may write the trades of a symbol. Threads: any;
 * writes of one symbol wait for each other. Each request ends within its timeout.
 */
public final class InfluxMarketStore implements MarketStore {
    private static final int BATCH = 5_000;
    private static final int DIRTY_DAYS_MAX = 100_000;

    private final InfluxConnection connection;
    private final String name;
    private final TradeReader reader;
    private final TradeWriter writer;
    private final BarStorage bars;
    private final OnDemandBars onDemand;
    private final KeptFrom kept;
    private final Optional<DirtyBuckets> dirty;
    private final Optional<PrecomputedBars> precomputed;
    private final Optional<Refresher> refresher;
    private volatile boolean closed;

    private InfluxMarketStore(InfluxOptions options, InfluxConnection connection, TimeSource time) {
        this.connection = connection;
        this.name = "influx " + connection.dialect().generation().number() + ".x";
        this.reader = new TradeReader(connection);
        this.kept = new KeptFrom(connection, options.tradeRetention(), time);
        this.onDemand = new OnDemandBars(connection, reader);
        this.bars = new BarStorage(connection);
        boolean precomputes = options.precompute() && connection.dialect().generation() != InfluxGeneration.V3;
        this.dirty = precomputes
                ? Optional.of(new DirtyBuckets(connection, time, options.continuousQueries()))
                : Optional.empty();
        this.precomputed = dirty.map(marks -> new PrecomputedBars(connection, onDemand, marks, kept, time));
        this.writer = new TradeWriter(connection, reader, dirty);
        kept.load();
        dirty.ifPresent(DirtyBuckets::adopt);
        this.refresher = options.refreshEvery().isZero()
                ? Optional.empty()
                : precomputed.map(made -> Refresher.start(made::refresh, options.refreshEvery(), connection.where()));
    }

    /**
     * Connects, makes what is missing, and opens the store.
     *
     * @param options where it is
     * @param time the clocks to use
     * @throws io.tsdash.error.TransientException if the server cannot be reached now
     * @throws PermanentException if it refuses us, or has a schema that we do not know
     */
    public static InfluxMarketStore open(InfluxOptions options, TimeSource time) {
        InfluxConnection connection = connect(options);
        new InfluxSchema(options, connection).migrate();
        return new InfluxMarketStore(options, connection, time);
    }

    /**
     * Connects and returns what {@link #open} would make now; changes nothing.
     *
     * @param options where it is
     */
    public static List<String> plan(InfluxOptions options) {
        return new InfluxSchema(options, connect(options)).plan();
    }

    private static InfluxConnection connect(InfluxOptions options) {
        InfluxHttp http = new InfluxHttp(options);
        InfluxGeneration generation = options.generation().orElseGet(() -> ask(options, http));
        if (generation == InfluxGeneration.V2 && options.organisation().isEmpty()) {
            throw new PermanentException(
                    http.where() + "is InfluxDB 2, which needs the option organisation, and a token");
        }
        return new InfluxConnection(options, http, InfluxDialect.of(generation, options));
    }

    private static InfluxGeneration ask(InfluxOptions options, InfluxHttp http) {
        URI address = URI.create(options.address().toString().replaceAll("/+$", "") + "/ping");
        // 3.x may ask for a token even here; the header does no harm elsewhere.
        Optional<String> token =
                options.token().isEmpty() ? Optional.empty() : Optional.of("Bearer " + options.token());
        Reply reply = http.send(http.request(address, token)
                .timeout(options.requestTimeout())
                .GET()
                .build());
        if (reply.status() / 100 != 2) {
            throw http.refused(reply);
        }
        String version = reply.version().isEmpty() ? versionIn(reply) : reply.version();
        String digits = version.replaceFirst("^[vV]", "");
        if (digits.startsWith("1.")) {
            return InfluxGeneration.V1;
        }
        if (digits.startsWith("2.")) {
            return InfluxGeneration.V2;
        }
        if (digits.startsWith("3.")) {
            return InfluxGeneration.V3;
        }
        throw new PermanentException(http.where() + "did not tell a version that tsdash knows, but '" + version
                + "': is it InfluxDB? If so, set the option generation");
    }

    private static String versionIn(Reply reply) {
        String text = reply.text();
        return text.contains("\"version\"") ? text.replaceAll("(?s).*\"version\"\\s*:\\s*\"([^\"]*)\".*", "$1") : "";
    }

    @Override
    public StoreCapabilities capabilities() {
        return new StoreCapabilities(
                name, 1, true, precomputed.isPresent() ? Level.intervals() : List.of(), false, false, false, BATCH);
    }

    @Override
    public AppendResult appendTrades(List<Trade> batch) {
        checkOpen();
        if (dirty.isPresent() && dirty.get().size() > DIRTY_DAYS_MAX) {
            refreshBars(); // what is remembered must stay bounded, as in a load of years
        }
        return batch.isEmpty() ? new AppendResult(0, 0, 0) : writer.append(batch);
    }

    @Override
    public void upsertBars(List<Bar> batch) {
        checkOpen();
        bars.upsert(batch);
    }

    @Override
    public long trades(TradeRange range, Consumer<? super Trade> consumer) {
        checkOpen();
        return reader.trades(range, consumer);
    }

    @Override
    public List<Bar> bars(BarRange range) {
        checkOpen();
        return bars.bars(range);
    }

    @Override
    public List<Bar> barsOnDemand(BarRange range) {
        checkOpen();
        return onDemand.bars(range);
    }

    @Override
    public List<Bar> precomputedBars(BarRange range) {
        checkOpen();
        capabilities().checkPrecomputed(range.interval());
        return precomputed.map(made -> made.bars(range)).orElse(List.of());
    }

    @Override
    public void refreshBars() {
        checkOpen();
        precomputed.ifPresent(PrecomputedBars::refresh);
    }

    @Override
    public Optional<Trade> lastTrade(String symbol) {
        checkOpen();
        return reader.last(symbol);
    }

    @Override
    public List<String> symbols() {
        checkOpen();
        List<Series> series = connection
                .query(List.of("SELECT \"event\" FROM " + trades() + " WHERE \"version\" < " + Trade.CANCELLED
                        + " GROUP BY \"symbol\" LIMIT 1"))
                .get(0);
        List<String> symbols = new ArrayList<>();
        series.forEach(one -> symbols.add(SymbolTag.decode(one.tags().getOrDefault("symbol", ""))));
        return symbols.stream().sorted().toList();
    }

    @Override
    public long tradeCount() {
        checkOpen();
        return count("");
    }

    /** Of the whole database, with 1.x: files and log of its shards, without their series' index. Empty with others. */
    @Override
    public OptionalLong storedBytes() {
        checkOpen();
        return connection.storedBytes();
    }

    @Override
    public long deleteTradesBefore(long eventTimeNanos) {
        checkOpen();
        if (connection.dialect().generation() == InfluxGeneration.V3) {
            throw new PermanentException(
                    connection.where()
                            + "is InfluxDB 3, which cannot delete rows by condition: set tradeRetention when its database is made");
        }
        if (eventTimeNanos <= 0) {
            return 0;
        }
        refreshBars();
        long group = TradePoints.groupNanos(Math.min(eventTimeNanos, TradeReader.lastEventNanos()));
        long removed = count(" AND time < " + group);
        kept.raise(TradePoints.MEASUREMENT, eventTimeNanos);
        connection.delete(TradePoints.MEASUREMENT, List.of(), 0, group - 1);
        return removed + writer.deleteWithin(group, eventTimeNanos);
    }

    @Override
    public long deleteBarsBefore(Interval interval, long closeTimeNanos) {
        checkOpen();
        long open = interval.openTimeNanos(closeTimeNanos);
        while (interval.closeTimeNanos(open) > closeTimeNanos) {
            open = interval.previousOpenTimeNanos(open);
        }
        return bars.deleteUpTo(interval, open);
    }

    /** Ends the refreshing; what is left to refresh is marked in the store, and found when it is opened again. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            refresher.ifPresent(Refresher::close);
        }
    }

    private long count(String condition) {
        Series count = connection.rows(
                "SELECT count(\"event\") FROM " + trades() + " WHERE \"version\" < " + Trade.CANCELLED + condition);
        return count.rows().isEmpty() ? 0 : Series.whole(count.rows().get(0), 1);
    }

    private String trades() {
        return connection.dialect().from(Policy.TRADES, TradePoints.MEASUREMENT);
    }

    private void checkOpen() {
        if (closed) {
            throw new PermanentException("store '" + name + "' is closed");
        }
    }
}
