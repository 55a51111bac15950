package io.tsdash.timescale;

import io.tsdash.model.Bar;
import io.tsdash.store.DistinctBars;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * Writes bars so that each identity is there once, with its highest revision: one statement, a column an array.
 *
 * <p>A retracted bar stays as a row, so that an older revision that comes late does not bring it back.
 */
final class BarWriter {
    private static final Comparator<Bar> ORDER = Comparator.comparing(Bar::symbol)
            .thenComparing(bar -> bar.interval().text())
            .thenComparingLong(Bar::openTimeNanos);

    private BarWriter() {}

    static void upsert(Connection connection, Tables tables, List<Bar> batch) throws SQLException {
        // In one order everywhere, so that two writers never wait for each other.
        List<Bar> bars = DistinctBars.of(batch).stream().sorted(ORDER).toList();
        bars.forEach(bar -> TradeRows.utf8(bar.symbol())); // the driver would write a question mark
        String sql =
                "INSERT INTO " + tables.bars() + " AS t (" + Tables.BAR_COLUMNS + ") SELECT * FROM unnest(?::text[],"
                        + " ?::text[], ?::bigint[], ?::bigint[], ?::float8[], ?::float8[], ?::float8[], ?::float8[], ?::float8[],"
                        + " ?::float8[], ?::bigint[], ?::bigint[], ?::bigint[], ?::int[], ?::smallint[])"
                        + " ON CONFLICT (symbol, bar_interval, open_ts) DO UPDATE SET close_ts = excluded.close_ts,"
                        + " open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,"
                        + " volume = excluded.volume, notional = excluded.notional, trade_count = excluded.trade_count,"
                        + " first_ts = excluded.first_ts, last_ts = excluded.last_ts, revision = excluded.revision,"
                        + " state = excluded.state WHERE t.revision <= excluded.revision";
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            Columns columns = new Columns(connection, insert, bars);
            columns.texts(bars.stream().map(Bar::symbol).toArray(String[]::new));
            columns.texts(bars.stream().map(bar -> bar.interval().text()).toArray(String[]::new));
            columns.longs(Bar::openTimeNanos);
            columns.longs(Bar::closeTimeNanos);
            columns.doubles(Bar::open);
            columns.doubles(Bar::high);
            columns.doubles(Bar::low);
            columns.doubles(Bar::close);
            columns.doubles(Bar::volume);
            columns.doubles(Bar::notional);
            columns.longs(Bar::tradeCount);
            columns.longs(Bar::firstEventNanos);
            columns.longs(Bar::lastEventNanos);
            columns.longs(Bar::revision);
            columns.longs(bar -> bar.state().code());
            insert.executeUpdate();
        }
    }

    /** Sets one parameter after the other. */
    private static final class Columns {
        private final Connection connection;
        private final PreparedStatement insert;
        private final List<Bar> bars;
        private int parameter = 1;

        Columns(Connection connection, PreparedStatement insert, List<Bar> bars) {
            this.connection = connection;
            this.insert = insert;
            this.bars = bars;
        }

        void texts(String[] values) throws SQLException {
            insert.setArray(parameter++, connection.createArrayOf("text", values));
        }

        void longs(ToLongFunction<Bar> value) throws SQLException {
            insert.setObject(parameter++, bars.stream().mapToLong(value).toArray());
        }

        void doubles(ToDoubleFunction<Bar> value) throws SQLException {
            insert.setObject(parameter++, bars.stream().mapToDouble(value).toArray());
        }
    }
}
