package io.tsdash.duckdb;

import io.tsdash.model.Bar;
import io.tsdash.store.DistinctBars;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/**
 * Writes bars so that each identity is there once, with its highest revision.
 *
 * <p>A retracted bar stays as a row, so that an older revision that comes late does not bring it back. The caller holds
 * the writer's lock and the transaction.
 */
final class BarWriter {
    private static final String IDENTITY =
            "t.open_time = s.open_time AND t.bar_interval = s.bar_interval AND t.symbol = s.symbol";

    private BarWriter() {}

    static void upsert(DuckDBConnection connection, List<Bar> batch) throws SQLException {
        List<Bar> distinct = DistinctBars.of(batch);
        distinct.stream().map(Bar::symbol).distinct().forEach(SymbolText::check);
        try (Statement statement = connection.createStatement()) {
            // A new table each time: rows deleted from an old one would stay in memory and be scanned.
            statement.execute("CREATE OR REPLACE TEMP TABLE staged_bars AS FROM bars LIMIT 0");
            stage(connection, distinct);
            String inRange = TimeRanges.condition(
                    "t.open_time", distinct.size(), i -> distinct.get(i).openTimeNanos());
            statement.execute("DELETE FROM bars t USING staged_bars s WHERE " + IDENTITY
                    + " AND t.revision <= s.revision AND " + inRange);
            statement.execute("INSERT INTO bars SELECT " + Schema.BAR_COLUMNS
                    + " FROM staged_bars s WHERE NOT EXISTS (SELECT 1 FROM bars t WHERE " + IDENTITY + " AND " + inRange
                    + ")");
        }
    }

    private static void stage(DuckDBConnection connection, List<Bar> bars) throws SQLException {
        try (DuckDBAppender appender = connection.createAppender("temp", "main", "staged_bars")) {
            for (Bar bar : bars) {
                appender.beginRow()
                        .append(bar.symbol())
                        .append(bar.interval().text())
                        .append(bar.openTimeNanos())
                        .append(bar.closeTimeNanos())
                        .append(bar.open())
                        .append(bar.high())
                        .append(bar.low())
                        .append(bar.close())
                        .append(bar.volume())
                        .append(bar.notional())
                        .append(bar.tradeCount())
                        .append(bar.firstEventNanos())
                        .append(bar.lastEventNanos())
                        .append(bar.revision())
                        .append((byte) bar.state().code())
                        .endRow();
            }
        }
    }
}
