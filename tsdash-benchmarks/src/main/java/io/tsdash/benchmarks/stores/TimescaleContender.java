package io.tsdash.benchmarks.stores;

import io.tsdash.engines.PostgresServer;
import io.tsdash.engines.TimescaleServer;
import io.tsdash.model.Trade;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import io.tsdash.timescale.RefreshBy;
import io.tsdash.timescale.TimescaleMarketStore;
import io.tsdash.timescale.TimescaleOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * TimescaleDB, or plain PostgreSQL: a server of its own, a schema each; by hand, one binary COPY a batch over one
 * connection, which ends with an error where a trade is known.
 */
final class TimescaleContender implements StoreContender {
    private final Path folder;
    private final AutoCloseable server;
    private final ProcessHandle process;
    private final int port;
    private final boolean uniqueByHand;
    private final MarketStore store;

    private <S extends AutoCloseable> TimescaleContender(
            Function<Path, S> start, Function<S, ProcessHandle> handle, Function<S, Integer> portOf, boolean unique) {
        try {
            folder = Files.createTempDirectory("tsdash-timescale");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        S started = start.apply(folder);
        server = started;
        process = handle.apply(started);
        port = portOf.apply(started);
        uniqueByHand = unique;
        store = open("ours");
    }

    static StoreContender timescale() {
        return new TimescaleContender(TimescaleContender::start, TimescaleServer::handle, TimescaleServer::port, true);
    }

    static StoreContender postgres() {
        return new TimescaleContender(PostgresServer::start, PostgresServer::handle, PostgresServer::port, true);
    }

    /** By hand without a unique index: what it costs that a trade is there once. */
    static StoreContender timescaleWithRepeats() {
        return new TimescaleContender(TimescaleContender::start, TimescaleServer::handle, TimescaleServer::port, false);
    }

    /** To bring the bars of millions of trades up to date takes minutes. */
    private static TimescaleServer start(Path folder) {
        return TimescaleServer.start(folder, Duration.ofHours(1));
    }

    @Override
    public MarketStore store() {
        return store;
    }

    @Override
    public HandWritten handWritten() throws SQLException {
        open("by_hand").close(); // makes the tables
        Connection connection = connect();
        if (!uniqueByHand) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("DROP INDEX by_hand.trades_identity");
                statement.execute("CREATE INDEX ON by_hand.trades (symbol, time)");
            }
        }
        return new ByHand(connection);
    }

    /** In WebAssembly there is no process that gathers statistics, by which PostgreSQL plans. */
    @Override
    public void settle() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("ANALYZE");
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres&sslmode=disable");
    }

    @Override
    public long serverCpuNanos() {
        return CpuClock.nanosOf(process.pid())
                + process.children()
                        .mapToLong(child -> CpuClock.nanosOf(child.pid()))
                        .sum();
    }

    @Override
    public void close() {
        store.close();
        try {
            server.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private MarketStore open(String schema) {
        TimescaleOptions options = TimescaleOptions.builder()
                .server("127.0.0.1", port)
                .database("postgres")
                .login("postgres", "")
                .schema(schema)
                .queryTimeout(Duration.ofMinutes(5))
                .maintenanceTimeout(Duration.ofHours(2))
                .refresh(Duration.ofMinutes(1), RefreshBy.NOBODY)
                .build();
        return TimescaleMarketStore.open(options, TimeSource.system());
    }

    private static final class ByHand implements HandWritten {
        private static final byte[] HEADER = {
            'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
        };
        private static final long MICROS_TO_2000 = 946_684_800_000_000L;
        private static final String COPY = "COPY by_hand.trades (time, ts, seq, received, price, volume, version, side,"
                + " sets_price, counts_volume, symbol) FROM STDIN (FORMAT binary)";

        private final Connection connection;
        private final byte[] bytes = new byte[4 * 1024 * 1024];

        ByHand(Connection connection) {
            this.connection = connection;
        }

        @Override
        public void write(List<Trade> batch) throws SQLException {
            ByteBuffer buffer = ByteBuffer.wrap(bytes).put(HEADER);
            for (Trade trade : batch) {
                byte[] symbol = trade.symbol().getBytes(StandardCharsets.UTF_8);
                buffer.putShort((short) 11);
                buffer.putInt(8).putLong(trade.eventTimeNanos() / 1_000 - MICROS_TO_2000);
                buffer.putInt(8).putLong(trade.eventTimeNanos());
                buffer.putInt(8).putLong(trade.sequence());
                buffer.putInt(8).putLong(trade.receiveTimeNanos());
                buffer.putInt(8).putDouble(trade.price());
                buffer.putInt(8).putDouble(trade.volume());
                buffer.putInt(4).putInt(0);
                buffer.putInt(2).putShort((short) 0);
                buffer.putInt(1).put((byte) 1);
                buffer.putInt(1).put((byte) 1);
                buffer.putInt(symbol.length).put(symbol);
            }
            buffer.putShort((short) -1);
            CopyIn copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(COPY);
            copy.writeToCopy(bytes, 0, buffer.position());
            copy.endCopy();
        }

        @Override
        public void close() {
            try {
                connection.close();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
