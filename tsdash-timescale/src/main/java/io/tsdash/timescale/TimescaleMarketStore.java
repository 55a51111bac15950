package io.tsdash.timescale;

import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import io.tsdash.store.AppendResult;
import io.tsdash.store.BarRange;
import io.tsdash.store.BarSearch;
import io.tsdash.store.MarketStore;
import io.tsdash.store.PoolUse;
import io.tsdash.store.StoreCapabilities;
import io.tsdash.store.TradeRange;
import io.tsdash.time.TimeSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Trades and bars in TimescaleDB, or in PostgreSQL without it.
 *
 * <p>A write is a transaction and as durable as the server's {@code synchronous_commit} says. Several threads and
 * processes may write at once, also the same trades: the unique index of the table decides. With TimescaleDB, continuous
 * aggregates hold the bars of 1m, 5m, 1h and 1d; without it nothing is pre-computed. Thread-safe.
 */
public final class TimescaleMarketStore implements MarketStore {
    private static final String LIVE = "version <> " + Trade.CANCELLED;
    private static final String TRADE_COLUMNS =
            "ts, received, seq, price, volume, side, sets_price, counts_volume, version";
    /** Read in pieces, none of which keeps a transaction open while the caller works on it. */
    private static final long PAGE_ROWS = 10_000;

    private static final int BATCH_TRADES = 10_000;

    private final Server server;
    private final Tables tables;
    private final Connections connections;
    private final TradeWriter tradeWriter;
    private final StoreCapabilities capabilities;
    private final BarRefresher refresher;
    private final BarSearch search;
    private final BarSearch precomputedSearch;

    private TimescaleMarketStore(TimescaleOptions options, Server server, Connections connections, TimeSource time) {
        this.server = server;
        this.tables = new Tables(options.schema());
        this.connections = connections;
        this.tradeWriter = new TradeWriter(connections, tables);
        this.capabilities = new StoreCapabilities(
                server.kind() == Server.Kind.POSTGRESQL ? "postgresql" : "timescaledb",
                1,
                true,
                precomputes() ? Ddl.PRECOMPUTED : List.of(),
                !precomputes(),
                false,
                true,
                BATCH_TRADES);
        this.search = new BarSearch(this::eventTimes, Integer.MAX_VALUE, time);
        this.precomputedSearch = new BarSearch(this::barTimes, Integer.MAX_VALUE, time);
        boolean itself = precomputes() && options.refreshBy() == RefreshBy.STORE;
        this.refresher = itself ? BarRefresher.every(options.refreshEvery(), this) : BarRefresher.none();
    }

    /**
     * Connects, makes the tables where they are not there, and brings them to this version.
     *
     * @throws TransientException if the server cannot be reached now
     * @throws PermanentException if it refuses us, or has tables that we do not know
     */
    public static TimescaleMarketStore open(TimescaleOptions options, TimeSource time) {
        return open(options, time, UnaryOperator.identity());
    }

    /** Opens it on a server that is taken for another. */
    static TimescaleMarketStore open(TimescaleOptions options, TimeSource time, UnaryOperator<Server> seen) {
        Connections connections = new Connections(options, time);
        Server server = connections.maintain(connection ->
                new Schema(connection, options, seen.apply(Server.of(connection, options.where()))).open());
        return new TimescaleMarketStore(options, server, connections, time);
    }

    /**
     * Connects and returns the statements that {@link #open} would run now; changes nothing.
     *
     * @throws TransientException if the server cannot be reached now
     * @throws PermanentException if it refuses us, or has tables that we do not know
     */
    public static List<String> plan(TimescaleOptions options) {
        try (Connections connections = new Connections(options, TimeSource.system())) {
            return connections.maintain(
                    connection -> new Schema(connection, options, Server.of(connection, options.where())).missing());
        }
    }

    @Override
    public StoreCapabilities capabilities() {
        return capabilities;
    }

    @Override
    public AppendResult appendTrades(List<Trade> batch) {
        connections.checkOpen();
        return batch.isEmpty() ? new AppendResult(0, 0, 0) : tradeWriter.append(batch);
    }

    @Override
    public void upsertBars(List<Bar> bars) {
        connections.checkOpen();
        if (!bars.isEmpty()) {
            connections.run(connection -> {
                BarWriter.upsert(connection, tables, bars);
                return bars.size();
            });
        }
    }

    @Override
    public long trades(TradeRange range, Consumer<? super Trade> consumer) {
        connections.checkOpen();
        long count = 0;
        long fromNanos = range.fromNanos();
        long afterSequence = range.afterSequence();
        while (count < range.limit() && isNotEmpty(fromNanos, range.toNanos())) {
            long pageRows = Math.min(PAGE_ROWS, range.limit() - count);
            List<Trade> page = page(range, fromNanos, afterSequence, pageRows);
            page.forEach(consumer);
            count += page.size();
            if (page.size() < pageRows) {
                break;
            }
            Trade last = page.get(page.size() - 1);
            fromNanos = last.eventTimeNanos();
            afterSequence = last.sequence();
        }
        return count;
    }

    @Override
    public List<Bar> bars(BarRange range) {
        String sql = BarSql.written(tables, range);
        return connections.run(connection -> BarRows.written(connection, range, sql));
    }

    @Override
    public List<Bar> barsOnDemand(BarRange range) {
        connections.checkOpen();
        Interval interval = range.interval();
        if (range.fromNanos() == range.toNanos()
                || range.toNanos() <= -interval.size().multipliedBy(2).toNanos()) {
            return List.of();
        }
        boolean calendar = interval.gridNanos() != interval.size().toNanos() && !interval.isHopping();
        return search.find(range, part -> calendar ? windowsOnDemand(part) : built(part, BarSql.fixed(tables, part)));
    }

    @Override
    public List<Bar> precomputedBars(BarRange range) {
        connections.checkOpen();
        capabilities.checkPrecomputed(range.interval());
        if (!isNotEmpty(range.fromNanos(), range.toNanos())) {
            return List.of();
        }
        // Asked of a part of time, the database need not plan for each chunk that there is.
        return precomputedSearch.find(range, part -> built(part, BarSql.precomputed(tables, part)));
    }

    @Override
    public void refreshBars() {
        connections.checkOpen();
        if (precomputes()) {
            refresh("{}");
        }
    }

    @Override
    public Optional<Trade> lastTrade(String symbol) {
        return query(
                "SELECT " + TRADE_COLUMNS + " FROM " + tables.trades() + " WHERE symbol = ? AND sets_price AND " + LIVE
                        + " ORDER BY time DESC, ts DESC, seq DESC LIMIT 1",
                List.of(symbol),
                rows -> rows.next() ? Optional.of(trade(symbol, rows)) : Optional.empty());
    }

    @Override
    public List<String> symbols() {
        // From one symbol to the next by the index, not over all trades.
        String next = " FROM " + tables.trades() + " t WHERE " + LIVE;
        String sql = "WITH RECURSIVE s AS ((SELECT t.symbol" + next + " ORDER BY t.symbol LIMIT 1) UNION ALL SELECT"
                + " (SELECT t.symbol" + next + " AND t.symbol > s.symbol ORDER BY t.symbol LIMIT 1) FROM s WHERE"
                + " s.symbol IS NOT NULL) SELECT symbol FROM s WHERE symbol IS NOT NULL";
        return query(sql, List.of(), rows -> {
            List<String> symbols = new ArrayList<>();
            while (rows.next()) {
                symbols.add(rows.getString(1));
            }
            // Not by the database: its order of letters beyond 16 bits is not Java's.
            Collections.sort(symbols);
            return symbols;
        });
    }

    @Override
    public long tradeCount() {
        return query(
                "SELECT count(*) FROM " + tables.trades() + " WHERE " + LIVE, List.of(), TimescaleMarketStore::number);
    }

    @Override
    public OptionalLong storedBytes() {
        return OptionalLong.of(query(Space.query(server, tables), List.of(), TimescaleMarketStore::number));
    }

    @Override
    public Optional<PoolUse> poolUse() {
        return Optional.of(connections.use());
    }

    @Override
    public long deleteTradesBefore(long eventTimeNanos) {
        connections.checkOpen();
        if (eventTimeNanos <= 0) {
            return 0;
        }
        String end = Times.ceilingSql(eventTimeNanos);
        if (precomputes()) {
            // Their bars are made final first, and from then on no refresh looks at this time again.
            refresh("{\"until\": " + end.replace("timestamptz ", "").replace('\'', '"') + "}");
        }
        return connections.maintain(connection -> Connections.inTransaction(connection, locked -> {
            try (Statement statement = locked.createStatement()) {
                statement.execute(
                        "UPDATE " + tables.version() + " SET trades_from = greatest(trades_from, " + end + ")");
                String old = " FROM " + tables.trades() + " WHERE " + Times.range(0, eventTimeNanos);
                long live;
                try (ResultSet rows = statement.executeQuery("SELECT count(*)" + old + " AND " + LIVE)) {
                    live = number(rows);
                }
                if (server.kind() != Server.Kind.POSTGRESQL) {
                    statement.execute("SELECT " + server.function("drop_chunks") + "("
                            + Tables.literal(tables.trades()) + "::regclass, older_than => "
                            + Times.floorSql(eventTimeNanos) + ")");
                }
                statement.execute("DELETE" + old);
                return live;
            }
        }));
    }

    @Override
    public long deleteBarsBefore(Interval interval, long closeTimeNanos) {
        return query(
                "WITH removed AS (DELETE FROM " + tables.bars() + " WHERE bar_interval = ? AND close_ts <= "
                        + closeTimeNanos
                        + " RETURNING trade_count) SELECT count(*) FROM removed WHERE trade_count <> 0",
                List.of(interval.text()),
                TimescaleMarketStore::number);
    }

    @Override
    public void close() {
        refresher.close();
        connections.close();
    }

    private boolean precomputes() {
        return server.kind() == Server.Kind.TIMESCALEDB;
    }

    private void refresh(String config) {
        connections.maintain(connection -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute("CALL " + tables.refresh() + "(0, " + Tables.literal(config) + "::jsonb)");
                return config;
            }
        });
    }

    private List<Trade> page(TradeRange range, long fromNanos, long afterSequence, long rowsMax) {
        String sql = "SELECT " + TRADE_COLUMNS + " FROM " + tables.trades() + " WHERE symbol = ?"
                + (range.withCancels() ? "" : " AND " + LIVE) + " AND " + Times.range(fromNanos, range.toNanos())
                + (afterSequence == Long.MIN_VALUE
                        ? ""
                        : " AND (ts > " + fromNanos + " OR seq > " + afterSequence + ")")
                + " ORDER BY time, ts, seq LIMIT " + rowsMax;
        return query(sql, List.of(range.symbol()), rows -> {
            List<Trade> page = new ArrayList<>();
            while (rows.next()) {
                page.add(trade(range.symbol(), rows));
            }
            return page;
        });
    }

    private List<Bar> windowsOnDemand(BarRange range) {
        long[] bounds =
                query(BarSql.bounds(tables, range.fromNanos()), List.of(range.symbol(), range.symbol()), rows -> {
                    rows.next();
                    long first = rows.getLong(1);
                    return rows.wasNull() ? new long[0] : new long[] {first, rows.getLong(2)};
                });
        if (bounds.length == 0) {
            return List.of();
        }
        Interval interval = range.interval();
        long[] opens = LongStream.iterate(
                        interval.openTimeNanos(bounds[0]),
                        open -> open <= bounds[1] && open < range.toNanos(),
                        interval::closeTimeNanos)
                .filter(open -> open >= range.fromNanos())
                .toArray();
        if (opens.length == 0) {
            return List.of();
        }
        long end = interval.closeTimeNanos(opens[opens.length - 1]);
        return built(range, BarSql.windows(tables, range, opens, end));
    }

    private List<Bar> built(BarRange range, String sql) {
        return connections.run(connection -> BarRows.built(connection, range, sql));
    }

    private Optional<BarSearch.EventTimes> eventTimes(String symbol) {
        return query(BarSql.bounds(tables, 0), List.of(symbol, symbol), rows -> {
            rows.next();
            long first = rows.getLong(1);
            return rows.wasNull() ? Optional.empty() : Optional.of(new BarSearch.EventTimes(first, rows.getLong(2)));
        });
    }

    /** By the hour, of which there are few; where they are deleted, by whatever interval is left. */
    private Optional<BarSearch.EventTimes> barTimes(String symbol) {
        return Stream.of("1h", "1d", "5m", "1m")
                .map(Interval::parse)
                .flatMap(interval -> barTimes(symbol, interval).stream())
                .findFirst();
    }

    private Optional<BarSearch.EventTimes> barTimes(String symbol, Interval interval) {
        String ends = "(SELECT first_ts FROM " + tables.view(interval) + " WHERE symbol = ? ORDER BY time ";
        return query("SELECT " + ends + "LIMIT 1), " + ends + "DESC LIMIT 1)", List.of(symbol, symbol), rows -> {
            rows.next();
            long first = rows.getLong(1);
            return rows.wasNull()
                    ? Optional.empty()
                    : Optional.of(new BarSearch.EventTimes(
                            first, rows.getLong(2) + interval.size().toNanos()));
        });
    }

    private <T> T query(String sql, List<String> parameters, RowsReader<T> reader) {
        return connections.run(connection -> ask(connection, sql, parameters, reader));
    }

    private static <T> T ask(Connection connection, String sql, List<String> parameters, RowsReader<T> reader)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.size(); i++) {
                statement.setString(i + 1, parameters.get(i));
            }
            try (ResultSet rows = statement.executeQuery()) {
                return reader.read(rows);
            }
        }
    }

    private static boolean isNotEmpty(long fromNanos, long toNanos) {
        return toNanos > Math.max(0, fromNanos);
    }

    private static Trade trade(String symbol, ResultSet rows) throws SQLException {
        return new Trade(
                symbol,
                rows.getLong(1),
                rows.getLong(2),
                rows.getLong(3),
                rows.getDouble(4),
                rows.getDouble(5),
                Side.ofCode(rows.getInt(6)),
                rows.getBoolean(7),
                rows.getBoolean(8),
                rows.getInt(9));
    }

    private static long number(ResultSet rows) throws SQLException {
        rows.next();
        return rows.getLong(1);
    }

    @FunctionalInterface
    private interface RowsReader<T> {
        T read(ResultSet rows) throws SQLException;
    }
}
