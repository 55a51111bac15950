package io.tsdash.benchmarks.stores;

import io.tsdash.duckdb.DuckDbMarketStore;
import io.tsdash.duckdb.DuckDbOptions;
import io.tsdash.model.Trade;
import io.tsdash.store.MarketStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/** DuckDB: in this process, a file each; by hand, its appender in a transaction a batch. */
final class DuckDbContender implements StoreContender {
    private final Path folder;
    private final MarketStore store;

    DuckDbContender() {
        try {
            folder = Files.createTempDirectory("tsdash-duckdb");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        store = DuckDbMarketStore.open(DuckDbOptions.at(folder.resolve("ours.duckdb")));
    }

    @Override
    public MarketStore store() {
        return store;
    }

    @Override
    public HandWritten handWritten() throws SQLException {
        Path file = folder.resolve("by-hand.duckdb");
        DuckDbMarketStore.open(DuckDbOptions.at(file)).close(); // makes the tables
        return new ByHand((DuckDBConnection) DriverManager.getConnection("jdbc:duckdb:" + file));
    }

    @Override
    public long serverCpuNanos() {
        return 0; // it is in this process
    }

    @Override
    public void close() {
        store.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record ByHand(DuckDBConnection connection) implements HandWritten {
        @Override
        public void write(List<Trade> batch) throws SQLException {
            connection.setAutoCommit(false);
            try (DuckDBAppender appender = connection.createAppender("main", "trades")) {
                for (Trade trade : batch) {
                    appender.beginRow()
                            .append(trade.symbol())
                            .append(trade.eventTimeNanos())
                            .append(trade.sequence())
                            .append(trade.receiveTimeNanos())
                            .append(trade.price())
                            .append(trade.volume())
                            .append((byte) 0)
                            .append(trade.setsPrice())
                            .append(trade.countsVolume())
                            .append(trade.version())
                            .endRow();
                }
            }
            connection.commit();
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
