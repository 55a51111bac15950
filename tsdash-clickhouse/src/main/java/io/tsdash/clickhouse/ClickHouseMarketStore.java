package io.tsdash.clickhouse;

import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.error.TsdashException;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import io.tsdash.store.AppendResult;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import io.tsdash.store.PoolUse;
import io.tsdash.store.StoreCapabilities;
import io.tsdash.store.TradeRange;
import io.tsdash.time.TimeSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trades and bars in ClickHouse, on one server or sharded by symbol over a cluster.
 *
 * <p>A write is one HTTP insert and is there when the call returns: write large batches (10,000 to 100,000 trades). Views
 * keep bars of 1m, 5m, 1h and 1d up to date within the insert. One process at a time may write trades of a symbol; within it,
 * threads with different symbols write in parallel. Thread-safe.
 */
public final class ClickHouseMarketStore implements MarketStore {
    private static final Logger LOG = LoggerFactory.getLogger(ClickHouseMarketStore.class);
    private static final String LIVE = "version <> " + Sql.CANCELLED;

    private final ClickHouseOptions options;
    private final Connection server;
    private final Nodes nodes;
    private final Generations generations;
    private final Retention retention;
    private final TradeWriter writer;
    private final TradeReader reader;
    private final BarTable bars;
    private final BarBuilder builder;
    private final StoreCapabilities capabilities;
    private volatile boolean closed;

    private ClickHouseMarketStore(ClickHouseOptions options, Connection server, Nodes nodes, TimeSource time) {
        this.options = options;
        this.server = server;
        this.nodes = nodes;
        this.generations = new Generations(options.writer(), time);
        this.retention = new Retention(server, time, options);
        this.writer = new TradeWriter(server, options, generations, retention, new WriterMarks(server, options, time));
        this.reader = new TradeReader(server);
        this.bars = new BarTable(server, time);
        this.builder = new BarBuilder(server, retention, time);
        this.capabilities = new StoreCapabilities(
                "clickhouse",
                1,
                true,
                Level.CHAIN.stream().map(Level::interval).toList(),
                !options.queuedInserts(),
                options.clustered(),
                false,
                options.batch());
    }

    /**
     * Connects, brings the tables to this version, and puts right what this writer left half done when it was killed.
     *
     * @throws TransientException if the server cannot be reached now
     * @throws PermanentException if it refuses us, or has tables that we do not know
     */
    public static ClickHouseMarketStore open(ClickHouseOptions options, TimeSource time) {
        Connection server = new Connection(options);
        Nodes nodes = new Nodes(options, server);
        try {
            nodes.migrate();
            ClickHouseMarketStore store = new ClickHouseMarketStore(options, server, nodes, time);
            store.retention.load();
            store.writer.recover();
            return store;
        } catch (RuntimeException e) {
            nodes.close();
            throw e;
        }
    }

    /**
     * Returns the statements that {@link #open} would run now; changes nothing.
     *
     * @throws TransientException if the server cannot be reached now
     * @throws PermanentException if it refuses us, or has tables that we do not know
     */
    public static List<String> plan(ClickHouseOptions options) {
        try (Nodes nodes = new Nodes(options, new Connection(options))) {
            return nodes.plan();
        }
    }

    @Override
    public StoreCapabilities capabilities() {
        return capabilities;
    }

    @Override
    public AppendResult appendTrades(List<Trade> batch) {
        checkOpen();
        return batch.isEmpty() ? new AppendResult(0, 0, 0) : writer.append(batch);
    }

    @Override
    public void upsertBars(List<Bar> batch) {
        checkOpen();
        if (!batch.isEmpty()) {
            bars.upsert(batch);
        }
    }

    @Override
    public long trades(TradeRange range, Consumer<? super Trade> consumer) {
        checkOpen();
        return reader.read(range, consumer);
    }

    @Override
    public List<Bar> bars(BarRange range) {
        checkOpen();
        return bars.read(range);
    }

    @Override
    public List<Bar> barsOnDemand(BarRange range) {
        checkOpen();
        return builder.onDemand(range);
    }

    @Override
    public List<Bar> precomputedBars(BarRange range) {
        checkOpen();
        capabilities.checkPrecomputed(range.interval());
        return builder.precomputed(range);
    }

    @Override
    public void refreshBars() {
        checkOpen();
        if (options.queuedInserts()) {
            nodes.flush();
        }
        writer.settle();
    }

    @Override
    public Optional<Trade> lastTrade(String symbol) {
        checkOpen();
        return reader.last(symbol);
    }

    @Override
    public List<String> symbols() {
        checkOpen();
        // Where nothing was cancelled there is no need to merge versions.
        String sql = "SELECT toString(symbol) AS name FROM " + Tables.TRADES + " GROUP BY name HAVING countIf(NOT ("
                + LIVE
                + ")) = 0 UNION ALL SELECT DISTINCT toString(symbol) AS name FROM " + Tables.TRADES + " FINAL WHERE "
                + LIVE
                + " AND symbol GLOBAL IN (SELECT DISTINCT symbol FROM " + Tables.TRADES + " WHERE NOT (" + LIVE + "))";
        return server.query(sql, Map.of(), rows -> {
            List<String> symbols = new ArrayList<>();
            while (rows.next()) {
                symbols.add(rows.string());
            }
            // Not by the database: its order of letters beyond 16 bits is not Java's.
            Collections.sort(symbols);
            return symbols;
        });
    }

    @Override
    public long tradeCount() {
        checkOpen();
        return count(Tables.TRADES, LIVE);
    }

    @Override
    public OptionalLong storedBytes() {
        checkOpen();
        return OptionalLong.of(nodes.storedBytes());
    }

    /** To the server that is asked and written to; statements about tables, which go to each node, have others. */
    @Override
    public Optional<PoolUse> poolUse() {
        return Optional.of(server.use());
    }

    @Override
    public long deleteTradesBefore(long eventTimeNanos) {
        checkOpen();
        String old = "ts < " + Sql.time(Math.max(0, eventTimeNanos));
        return writer.alone(() -> {
            writer.settle(); // without their trades, bars that may be wrong could not be rebuilt
            long live = count(Tables.TRADES, LIVE + " AND " + old);
            retention.raise(Tables.TRADES, new Retention.Bound(eventTimeNanos, generations.next()));
            nodes.delete(Tables.TRADES, old, Sql.month(eventTimeNanos));
            return live;
        });
    }

    @Override
    public long deleteBarsBefore(Interval interval, long closeTimeNanos) {
        checkOpen();
        String old = "bar_interval = " + Sql.text(interval.text()) + " AND close_time <= " + Sql.time(closeTimeNanos);
        long live = count(Tables.BARS, "trade_count <> 0 AND " + old);
        nodes.delete(Tables.BARS, old, 0);
        return live;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            writer.close();
        } catch (TsdashException e) {
            LOG.warn(
                    "closed without a last note in the store; the next opening looks through more: {}", e.getMessage());
        } finally {
            nodes.close();
        }
    }

    private long count(String table, String condition) {
        return server.query(
                "SELECT count() FROM " + table + " FINAL WHERE " + condition,
                Map.of(),
                rows -> rows.next() ? rows.int64() : 0);
    }

    private void checkOpen() {
        if (closed) {
            throw new PermanentException("store '" + options + "' is closed");
        }
    }
}
