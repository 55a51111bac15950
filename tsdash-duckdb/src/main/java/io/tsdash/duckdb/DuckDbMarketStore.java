package io.tsdash.duckdb;

import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import io.tsdash.store.AppendResult;
import io.tsdash.store.BarRange;
import io.tsdash.store.BarSearch;
import io.tsdash.store.MarketStore;
import io.tsdash.store.StoreCapabilities;
import io.tsdash.store.TradeRange;
import io.tsdash.time.TimeSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.duckdb.DuckDBConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trades and bars in one DuckDB file.
 *
 * <p>A write is a transaction and is on disk when the call returns: one fsync each, so write batches (1,000 to 50,000
 * trades). One writer at a time; readers have connections of their own, see the last committed state and wait for no one.
 * One process at a time may have a file open.
 */
public final class DuckDbMarketStore implements MarketStore {
    private static final Logger LOG = LoggerFactory.getLogger(DuckDbMarketStore.class);
    private static final String LIVE = "version <> " + Trade.CANCELLED;

    /** DuckDB gives two openings of one file in one process the same database, with two writers: not what we lock. */
    private static final Set<Path> OPEN_FILES = ConcurrentHashMap.newKeySet();

    private final DuckDbOptions options;
    private final Path file;
    private final DuckDBConnection writer;
    private final ReaderPool readers;
    private final ReentrantLock writing = new ReentrantLock();
    private volatile boolean closed;

    private final BarSearch search = new BarSearch(this::eventTimes, Integer.MAX_VALUE, TimeSource.system());

    private DuckDbMarketStore(DuckDbOptions options, Path file, DuckDBConnection writer) {
        this.options = options;
        this.file = file;
        this.writer = writer;
        this.readers = new ReaderPool(writer);
    }

    /**
     * Opens the file, makes it where it is not there, and brings its tables to this version.
     *
     * @throws TransientException if another process has it open, or the disk is full
     * @throws PermanentException if it cannot be written, is damaged, or of a newer version
     */
    public static DuckDbMarketStore open(DuckDbOptions options) {
        Path file = options.file().toAbsolutePath().normalize();
        prepareFolder(file);
        if (!OPEN_FILES.add(file)) {
            throw new PermanentException("store '" + file + "' is open in this process already: share that one");
        }
        try {
            return connect(options, file);
        } catch (SQLException e) {
            OPEN_FILES.remove(file);
            throw SqlFailures.translate(file.toString(), e);
        } catch (LinkageError e) {
            OPEN_FILES.remove(file);
            throw new PermanentException(
                    "store '" + file + "' cannot be opened: DuckDB unpacks its native library, 80 MB, into '"
                            + System.getProperty("java.io.tmpdir")
                            + "', and could not load it: give that folder space, or name another by"
                            + " -Djava.io.tmpdir (" + e + ")",
                    e);
        } catch (RuntimeException e) {
            OPEN_FILES.remove(file);
            throw e;
        }
    }

    /** Returns the statements that {@link #open} would run on this file now; changes nothing, and makes no file. */
    static List<String> plan(DuckDbOptions options) {
        Path file = options.file().toAbsolutePath().normalize();
        String address = Files.exists(file) ? file.toString() : ":memory:";
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + address)) {
            return Schema.plan(connection, file.toString());
        } catch (SQLException e) {
            throw SqlFailures.translate(file.toString(), e);
        }
    }

    @Override
    public StoreCapabilities capabilities() {
        return StoreCapabilities.embedded("duckdb", true);
    }

    @Override
    public AppendResult appendTrades(List<Trade> batch) {
        if (batch.isEmpty()) {
            checkOpen();
            return new AppendResult(0, 0, 0);
        }
        return write(connection -> TradeWriter.append(connection, batch));
    }

    @Override
    public void upsertBars(List<Bar> bars) {
        if (bars.isEmpty()) {
            checkOpen();
            return;
        }
        write(connection -> {
            BarWriter.upsert(connection, bars);
            return bars.size();
        });
    }

    @Override
    public long trades(TradeRange range, Consumer<? super Trade> consumer) {
        String sql = "SELECT " + Schema.TRADE_COLUMNS + " FROM trades WHERE symbol = ?"
                + (range.withCancels() ? "" : " AND " + LIVE) + " AND ts >= " + range.fromNanos() + " AND ts < "
                + range.toNanos()
                + (range.afterSequence() == Long.MIN_VALUE
                        ? ""
                        : " AND (ts > " + range.fromNanos() + " OR seq > " + range.afterSequence() + ")")
                + " ORDER BY ts, seq" + OnDemandSql.limit(range.limit());
        return query(sql, range.symbol(), rows -> {
            long count = 0;
            while (count < range.limit() && rows.next()) {
                consumer.accept(trade(rows));
                count++;
            }
            return count;
        });
    }

    @Override
    public List<Bar> bars(BarRange range) {
        String sql = "SELECT " + Schema.BAR_COLUMNS
                + " FROM bars WHERE symbol = ? AND bar_interval = ? AND trade_count <> 0 AND open_time >= "
                + range.fromNanos() + " AND open_time < " + range.toNanos() + " ORDER BY open_time"
                + (range.newestFirst() ? " DESC" : "") + OnDemandSql.limit(range.limit());
        return query(
                sql,
                List.of(range.symbol(), range.interval().text()),
                rows -> inOrder(range, rows, DuckDbMarketStore::writtenBar));
    }

    @Override
    public List<Bar> barsOnDemand(BarRange range) {
        Interval interval = range.interval();
        boolean calendar = interval.gridNanos() != interval.size().toNanos() && !interval.isHopping();
        return search.find(
                range,
                part -> calendar
                        ? calendarBarsOnDemand(part)
                        : query(
                                OnDemandSql.fixed(part),
                                part.symbol(),
                                rows -> inOrder(part, rows, DuckDbMarketStore::builtBar)));
    }

    private Optional<BarSearch.EventTimes> eventTimes(String symbol) {
        return query(OnDemandSql.bounds(0), symbol, rows -> {
            rows.next();
            long first = rows.getLong(1);
            return rows.wasNull() ? Optional.empty() : Optional.of(new BarSearch.EventTimes(first, rows.getLong(2)));
        });
    }

    @Override
    public List<Bar> precomputedBars(BarRange range) {
        capabilities().checkPrecomputed(range.interval());
        return List.of();
    }

    @Override
    public void refreshBars() {
        checkOpen();
    }

    @Override
    public Optional<Trade> lastTrade(String symbol) {
        String sql = "SELECT " + Schema.TRADE_COLUMNS + " FROM trades WHERE symbol = ? AND sets_price AND " + LIVE
                + " ORDER BY ts DESC, seq DESC LIMIT 1";
        return query(sql, symbol, rows -> rows.next() ? Optional.of(trade(rows)) : Optional.empty());
    }

    @Override
    public List<String> symbols() {
        return query("SELECT DISTINCT symbol FROM trades WHERE " + LIVE, List.of(), rows -> {
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
        return query("SELECT count(*) FROM trades WHERE " + LIVE, List.of(), DuckDbMarketStore::number);
    }

    /** Of the file and of the log of writes that are not in it yet. */
    @Override
    public OptionalLong storedBytes() {
        checkOpen();
        Path log = file.resolveSibling(file.getFileName() + ".wal");
        try {
            return OptionalLong.of(Files.size(file) + (Files.exists(log) ? Files.size(log) : 0));
        } catch (IOException e) {
            throw new TransientException("store '" + file + "' does not tell its size: " + e, e);
        }
    }

    @Override
    public long deleteTradesBefore(long eventTimeNanos) {
        String old = " FROM trades WHERE ts < " + eventTimeNanos;
        return write(connection -> {
            try (Statement statement = connection.createStatement()) {
                long live;
                try (ResultSet rows = statement.executeQuery("SELECT count(*)" + old + " AND " + LIVE)) {
                    live = number(rows);
                }
                statement.execute("DELETE" + old);
                return live;
            }
        });
    }

    @Override
    public long deleteBarsBefore(Interval interval, long closeTimeNanos) {
        String old = " FROM bars WHERE bar_interval = ? AND close_time <= " + closeTimeNanos;
        return write(connection -> {
            try (PreparedStatement count =
                            connection.prepareStatement("SELECT count(*)" + old + " AND trade_count <> 0");
                    PreparedStatement delete = connection.prepareStatement("DELETE" + old)) {
                count.setString(1, interval.text());
                delete.setString(1, interval.text());
                long live;
                try (ResultSet rows = count.executeQuery()) {
                    live = number(rows);
                }
                delete.execute();
                return live;
            }
        });
    }

    @Override
    public void close() {
        writing.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            readers.close();
            writer.close();
        } catch (SQLException e) {
            throw SqlFailures.translate(file.toString(), e);
        } finally {
            OPEN_FILES.remove(file);
            writing.unlock();
        }
    }

    private static void prepareFolder(Path file) {
        Path folder = file.getParent();
        try {
            if (folder != null) {
                Files.createDirectories(folder);
            }
        } catch (IOException e) {
            throw new PermanentException(
                    "store '" + file + "' cannot be made: its folder must be one that this user may write to (" + e
                            + ")",
                    e);
        }
        if (folder != null && !Files.isWritable(folder)) {
            throw new PermanentException(
                    "store '" + file + "' cannot be opened: use a file in a folder that this user may write to");
        }
    }

    private static DuckDbMarketStore connect(DuckDbOptions options, Path file) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("threads", Integer.toString(options.threads()));
        properties.setProperty("memory_limit", options.memoryMegabytesMax() + "MB");
        DuckDBConnection writer = (DuckDBConnection) DriverManager.getConnection("jdbc:duckdb:" + file, properties);
        try {
            Schema.migrate(writer, file.toString());
            return new DuckDbMarketStore(options, file, writer);
        } catch (SQLException | RuntimeException e) {
            try {
                writer.close();
            } catch (SQLException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    private List<Bar> calendarBarsOnDemand(BarRange range) {
        long[] bounds = query(OnDemandSql.bounds(range.fromNanos()), range.symbol(), rows -> {
            rows.next();
            long first = rows.getLong(1);
            return rows.wasNull() ? new long[0] : new long[] {first, rows.getLong(2)};
        });
        if (bounds.length == 0) {
            return List.of();
        }
        return query(
                OnDemandSql.calendar(range, bounds[0], bounds[1]),
                range.symbol(),
                rows -> inOrder(range, rows, DuckDbMarketStore::builtBar));
    }

    private static Trade trade(ResultSet rows) throws SQLException {
        return new Trade(
                rows.getString(1),
                rows.getLong(2),
                rows.getLong(4),
                rows.getLong(3),
                rows.getDouble(5),
                rows.getDouble(6),
                Side.ofCode(rows.getInt(7)),
                rows.getBoolean(8),
                rows.getBoolean(9),
                rows.getInt(10));
    }

    private static Bar writtenBar(BarRange range, ResultSet rows) throws SQLException {
        return new Bar(
                range.symbol(),
                range.interval(),
                rows.getLong(3),
                rows.getLong(4),
                rows.getDouble(5),
                rows.getDouble(6),
                rows.getDouble(7),
                rows.getDouble(8),
                rows.getDouble(9),
                rows.getDouble(10),
                rows.getLong(11),
                rows.getLong(12),
                rows.getLong(13),
                rows.getInt(14),
                BarState.ofCode(rows.getInt(15)));
    }

    private static Bar builtBar(BarRange range, ResultSet rows) throws SQLException {
        long open = rows.getLong(1);
        return new Bar(
                range.symbol(),
                range.interval(),
                open,
                range.interval().closeTimeNanos(open),
                priceOrNaN(rows, 2),
                priceOrNaN(rows, 3),
                priceOrNaN(rows, 4),
                priceOrNaN(rows, 5),
                rows.getDouble(6),
                rows.getDouble(7),
                rows.getLong(8),
                rows.getLong(9),
                rows.getLong(10),
                0,
                BarState.CLOSED);
    }

    /** No trade of the window may set prices: the value is NULL. */
    private static double priceOrNaN(ResultSet rows, int column) throws SQLException {
        double price = rows.getDouble(column);
        return rows.wasNull() ? Double.NaN : price;
    }

    private static List<Bar> inOrder(BarRange range, ResultSet rows, BarReader reader) throws SQLException {
        List<Bar> bars = new ArrayList<>();
        while (rows.next()) {
            bars.add(reader.read(range, rows));
        }
        if (range.newestFirst()) {
            Collections.reverse(bars);
        }
        return bars;
    }

    private static long number(ResultSet rows) throws SQLException {
        rows.next();
        return rows.getLong(1);
    }

    private <T> T query(String sql, String symbol, RowsReader<T> reader) {
        return query(sql, List.of(symbol), reader);
    }

    private <T> T query(String sql, List<String> parameters, RowsReader<T> reader) {
        checkOpen();
        try (ReaderPool.Reader connection = readers.borrow();
                PreparedStatement statement = connection.get().prepareStatement(sql)) {
            statement.setQueryTimeout((int) options.queryTimeout().toSeconds());
            for (int i = 0; i < parameters.size(); i++) {
                statement.setString(i + 1, parameters.get(i));
            }
            try (ResultSet rows = statement.executeQuery()) {
                return reader.read(rows);
            }
        } catch (SQLException e) {
            checkOpen();
            throw SqlFailures.translate(file.toString(), e);
        }
    }

    private <T> T write(Write<T> write) {
        lockForWriting();
        try {
            checkOpen();
            // By hand: after a commit that failed, the driver's own would say that there is no transaction.
            execute("BEGIN");
            T result = write.run(writer);
            execute("COMMIT");
            return result;
        } catch (SQLException e) {
            rollback();
            throw SqlFailures.translate(file.toString(), e);
        } catch (RuntimeException e) {
            rollback();
            throw e;
        } finally {
            writing.unlock();
        }
    }

    private void lockForWriting() {
        boolean locked;
        try {
            locked = writing.tryLock(options.queryTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientException("store '" + file + "': interrupted while waiting to write", e);
        }
        if (!locked) {
            throw new TransientException("store '" + file + "': other writers took longer than "
                    + options.queryTimeout() + ", " + writing.getQueueLength() + " wait");
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = writer.createStatement()) {
            statement.execute(sql);
        }
    }

    private void rollback() {
        try {
            if (!closed) {
                execute("ROLLBACK");
            }
        } catch (SQLException e) {
            // A commit that failed has ended the transaction already.
            LOG.debug("store '{}': nothing to roll back", file, e);
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new PermanentException("store '" + file + "' is closed");
        }
    }

    @FunctionalInterface
    private interface Write<T> {
        T run(DuckDBConnection connection) throws SQLException;
    }

    @FunctionalInterface
    private interface RowsReader<T> {
        T read(ResultSet rows) throws SQLException;
    }

    @FunctionalInterface
    private interface BarReader {
        Bar read(BarRange range, ResultSet rows) throws SQLException;
    }
}
