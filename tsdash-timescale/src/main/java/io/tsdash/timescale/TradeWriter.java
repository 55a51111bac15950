package io.tsdash.timescale;

import io.tsdash.model.Trade;
import io.tsdash.store.AppendResult;
import io.tsdash.store.DistinctTrades;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Writes trades so that each identity is there once, with its highest version.
 *
 * <p>New trades, which nearly all are, go by binary COPY straight into the table, as one statement that counts whole or
 * not at all. Where its unique index finds one that is known, the batch goes by a temporary table and an upsert instead,
 * and so do the next few: repeats come in rows. All writers take rows in the same order, so that two of them wait for
 * each other but do not lock each other out. Thread-safe.
 */
final class TradeWriter {
    /** After a known trade, so many batches go the careful way first. */
    private static final int CAREFUL_BATCHES = 16;

    private static final int COPY_CHUNK_BYTES = 1024 * 1024;

    private final Connections connections;
    private final String trades;
    private final AtomicInteger careful = new AtomicInteger();

    TradeWriter(Connections connections, Tables tables) {
        this.connections = connections;
        this.trades = tables.trades();
    }

    AppendResult append(List<Trade> batch) {
        List<Trade> distinct = DistinctTrades.of(batch);
        byte[] rows = TradeRows.encode(distinct);
        boolean firstReports = distinct.stream().allMatch(trade -> trade.version() == 0);
        boolean direct = firstReports && careful.getAndUpdate(left -> Math.max(0, left - 1)) == 0;
        if (direct && copied(rows)) {
            return new AppendResult(distinct.size(), 0, batch.size() - distinct.size());
        }
        Changes changes = connections.transaction(connection -> upsert(connection, rows));
        if (firstReports) {
            careful.set(changes.inserted() == distinct.size() ? 0 : CAREFUL_BATCHES);
        }
        return new AppendResult(
                changes.inserted(), changes.replaced(), batch.size() - changes.inserted() - changes.replaced());
    }

    /** Returns whether all of it was new. */
    private boolean copied(byte[] rows) {
        return connections.run(connection -> {
            try {
                copy(connection, trades, rows);
                return true;
            } catch (SQLException e) {
                if (SqlFailures.isUniqueViolation(e)) {
                    return false;
                }
                throw e;
            }
        });
    }

    private Changes upsert(Connection connection, byte[] rows) throws SQLException {
        String staged = Connections.temporaryName(connection, "tsdash_staged");
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TEMPORARY TABLE IF NOT EXISTS " + staged + " (LIKE " + trades + ") ON COMMIT DELETE ROWS");
            copy(connection, "pg_temp." + staged, rows);
            try (ResultSet counts = statement.executeQuery("WITH written AS (INSERT INTO " + trades + " AS t ("
                    + TradeRows.COLUMNS + ") SELECT " + TradeRows.COLUMNS + " FROM pg_temp." + staged
                    + " ORDER BY time, ts, seq, symbol ON CONFLICT (symbol, time, ts, seq) DO UPDATE SET received ="
                    + " excluded.received, price = excluded.price, volume = excluded.volume, version = excluded.version,"
                    + " side = excluded.side, sets_price = excluded.sets_price, counts_volume = excluded.counts_volume"
                    + " WHERE t.version < excluded.version"
                    // A row that this statement inserted has no transaction that ended its life.
                    + " RETURNING t.xmax = 0 AS inserted) SELECT count(*) FILTER (WHERE inserted),"
                    + " count(*) FILTER (WHERE NOT inserted) FROM written")) {
                counts.next();
                return new Changes(counts.getInt(1), counts.getInt(2));
            }
        }
    }

    private static void copy(Connection connection, String table, byte[] rows) throws SQLException {
        CopyIn copy = connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("COPY " + table + " (" + TradeRows.COLUMNS + ") FROM STDIN (FORMAT binary)");
        try {
            for (int from = 0; from < rows.length; from += COPY_CHUNK_BYTES) {
                copy.writeToCopy(rows, from, Math.min(COPY_CHUNK_BYTES, rows.length - from));
            }
            copy.endCopy();
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    private record Changes(int inserted, int replaced) {}
}
