package io.tsdash.duckdb;

import io.tsdash.model.Trade;
import io.tsdash.store.AppendResult;
import io.tsdash.store.DistinctTrades;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/**
 * Appends trades so that each identity is there once, with its highest version.
 *
 * <p>The batch goes to a temporary table, and one join over its time ranges tells which identities are known. Mostly none
 * is, and all is copied; else lower versions are deleted and the rest is left out. A cancel stays as a row, so that the
 * trade may also come after it. The caller holds the writer's lock and the transaction.
 */
final class TradeWriter {
    private static final String IDENTITY = "t.ts = s.ts AND t.seq = s.seq AND t.symbol = s.symbol";

    private TradeWriter() {}

    static AppendResult append(DuckDBConnection connection, List<Trade> batch) throws SQLException {
        List<Trade> distinct = DistinctTrades.of(batch);
        distinct.stream().map(Trade::symbol).distinct().forEach(SymbolText::check);
        try (Statement statement = connection.createStatement()) {
            // A new table each time: rows deleted from an old one would stay in memory and be scanned.
            statement.execute("CREATE OR REPLACE TEMP TABLE staged_trades AS FROM trades LIMIT 0");
            stage(connection, distinct);
            String inRange = TimeRanges.condition(
                    "t.ts", distinct.size(), i -> distinct.get(i).eventTimeNanos());
            int known;
            int replaced;
            try (ResultSet rows = statement.executeQuery(
                    "SELECT count(*), count(*) FILTER (t.version < s.version) FROM staged_trades s JOIN trades t ON "
                            + IDENTITY + " WHERE " + inRange)) {
                rows.next();
                known = rows.getInt(1);
                replaced = rows.getInt(2);
            }
            if (replaced > 0) {
                statement.execute("DELETE FROM trades t USING staged_trades s WHERE " + IDENTITY
                        + " AND t.version < s.version AND " + inRange);
            }
            statement.execute("INSERT INTO trades SELECT " + Schema.TRADE_COLUMNS + " FROM staged_trades s"
                    + (known == 0
                            ? ""
                            : " WHERE NOT EXISTS (SELECT 1 FROM trades t WHERE " + IDENTITY + " AND " + inRange + ")"));
            return new AppendResult(
                    distinct.size() - known, replaced, batch.size() - distinct.size() + known - replaced);
        }
    }

    private static void stage(DuckDBConnection connection, List<Trade> trades) throws SQLException {
        try (DuckDBAppender appender = connection.createAppender("temp", "main", "staged_trades")) {
            for (Trade trade : trades) {
                appender.beginRow()
                        .append(trade.symbol())
                        .append(trade.eventTimeNanos())
                        .append(trade.sequence())
                        .append(trade.receiveTimeNanos())
                        .append(trade.price())
                        .append(trade.volume())
                        .append((byte) trade.side().code())
                        .append(trade.setsPrice())
                        .append(trade.countsVolume())
                        .append(trade.version())
                        .endRow();
            }
        }
    }
}
