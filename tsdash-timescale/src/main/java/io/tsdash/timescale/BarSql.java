package io.tsdash.timescale;

import io.tsdash.model.Interval;
import io.tsdash.store.BarRange;
import java.util.StringJoiner;

/**
 * The queries that build bars from trades.
 *
 * <p>Open and close go by (event time, sequence) exactly: the least and the greatest of arrays that hold both numbers,
 * each in halves that a double holds exactly, and the price. That works with and without TimescaleDB, in continuous
 * aggregates too, and costs less than its own {@code first(price, time)}, which cannot order by two columns.
 */
final class BarSql {
    /** Which trades bars are made of. */
    static final String COUNTED = "version <> 2147483647 AND (sets_price OR counts_volume)";

    private static final String PLACED_PRICE = "ARRAY[(ts >> 32)::float8, (ts & 4294967295)::float8,"
            + " (seq >> 32)::float8, (seq & 4294967295)::float8, price]";

    /** The columns of a bar after its open time. */
    static final String AGGREGATES = "(min(" + PLACED_PRICE + ") FILTER (WHERE sets_price))[5] AS open,"
            + " max(price) FILTER (WHERE sets_price) AS high, min(price) FILTER (WHERE sets_price) AS low,"
            + " (max(" + PLACED_PRICE + ") FILTER (WHERE sets_price))[5] AS close,"
            + " sum(volume) FILTER (WHERE counts_volume) AS volume,"
            + " sum(price * volume) FILTER (WHERE counts_volume) AS notional,"
            + " count(*) AS trade_count, min(ts) AS first_ts, max(ts) AS last_ts";

    private BarSql() {}

    /** Returns the query for bars that were written. */
    static String written(Tables tables, BarRange range) {
        return "SELECT " + Tables.BAR_VALUES + " FROM " + tables.bars() + " WHERE " + of(range.symbol())
                + " AND bar_interval = " + Tables.literal(range.interval().text()) + " AND trade_count <> 0"
                + " AND open_ts >= " + range.fromNanos() + " AND open_ts < " + range.toNanos()
                + order(range, "open_ts");
    }

    /** Returns the query for bars that the database keeps. */
    static String precomputed(Tables tables, BarRange range) {
        return "SELECT first_ts AS w, open, high, low, close, volume, notional, trade_count, first_ts, last_ts FROM "
                + tables.view(range.interval()) + " WHERE " + of(range.symbol()) + " AND time >= "
                + Times.ceilingSql(Math.max(0, range.fromNanos())) + " AND time < "
                + Times.ceilingSql(range.toNanos()) + order(range, "time");
    }

    /** Returns the query for windows on the epoch's grid, tumbling or hopping. */
    static String fixed(Tables tables, BarRange range) {
        Interval interval = range.interval();
        long advance = interval.gridNanos();
        long size = interval.size().toNanos();
        String grid = "ts / " + advance;
        String window = interval.isHopping() ? "(" + grid + " - hop.k) * " + advance : "(" + grid + ") * " + advance;
        String hops = interval.isHopping() ? ", generate_series(0, " + (size / advance - 1) + ") AS hop(k)" : "";
        return "SELECT " + window + " AS w, " + AGGREGATES + " FROM " + tables.trades() + hops
                + " WHERE " + of(range.symbol()) + " AND "
                + COUNTED + " AND " + Times.range(range.fromNanos(), saturatedSum(range.toNanos(), size)) + " AND "
                + window + " >= " + range.fromNanos() + " AND " + window + " < " + range.toNanos() + " GROUP BY w"
                + order(range, "w");
    }

    /**
     * Returns the query for windows that follow each other.
     *
     * @param opens where each window begins, in order, at least one
     * @param endNanos where the last one ends
     */
    static String windows(Tables tables, BarRange range, long[] opens, long endNanos) {
        StringJoiner list = new StringJoiner(",", "'{", "}'::bigint[]");
        for (long open : opens) {
            list.add(Long.toString(open));
        }
        return "SELECT (" + list + ")[width_bucket(ts, " + list + ")] AS w, " + AGGREGATES + " FROM " + tables.trades()
                + " WHERE " + of(range.symbol()) + " AND " + COUNTED + " AND " + Times.range(opens[0], endNanos)
                + " GROUP BY w"
                + order(range, "w");
    }

    /** Returns the query for the first and last event time of a range; its two parameters are the symbol. */
    static String bounds(Tables tables, long fromNanos) {
        String first = "(SELECT ts FROM " + tables.trades() + " WHERE symbol = ? AND " + COUNTED + " AND "
                + Times.range(fromNanos, Long.MAX_VALUE) + " ORDER BY ";
        return "SELECT " + first + "time, ts LIMIT 1), " + first + "time DESC, ts DESC LIMIT 1)";
    }

    /** As a literal: COPY takes no parameters. */
    private static String of(String symbol) {
        TradeRows.utf8(symbol); // else the driver would write a question mark
        return "symbol = " + Tables.literal(symbol);
    }

    private static String order(BarRange range, String column) {
        return " ORDER BY " + column + (range.newestFirst() ? " DESC" : "") + " LIMIT " + range.limit();
    }

    private static long saturatedSum(long a, long b) {
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }
}
