package io.tsdash.duckdb;

import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
        List<Bar> distinct = distinct(batch);
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

    /** Returns the number that stands for a state in the table. */
    static byte code(BarState state) {
        return (byte)
                switch (state) {
                    case OPEN -> 0;
                    case CLOSED -> 1;
                    case REVISED -> 2;
                };
    }

    /** Returns the state that a number in the table stands for. */
    static BarState state(int code) {
        return switch (code) {
            case 0 -> BarState.OPEN;
            case 1 -> BarState.CLOSED;
            default -> BarState.REVISED;
        };
    }

    private record Identity(String symbol, String interval, long openTimeNanos) {}

    private static List<Bar> distinct(List<Bar> batch) {
        Map<Identity, Bar> held = new HashMap<>();
        for (Bar bar : batch) {
            held.merge(
                    new Identity(bar.symbol(), bar.interval().text(), bar.openTimeNanos()),
                    bar,
                    (old, young) -> young.revision() >= old.revision() ? young : old);
        }
        List<Bar> distinct = new ArrayList<>(held.values());
        distinct.sort(Comparator.comparingLong(Bar::openTimeNanos));
        return distinct;
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
                        .append(code(bar.state()))
                        .endRow();
            }
        }
    }
}
