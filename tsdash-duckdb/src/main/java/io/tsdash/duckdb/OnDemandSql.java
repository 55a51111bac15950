package io.tsdash.duckdb;

import io.tsdash.model.Interval;
import io.tsdash.store.BarRange;
import java.util.StringJoiner;

/**
 * The query that builds bars from trades.
 *
 * <p>Open and close go by (event time, sequence) as one number, event time × 2^64 + sequence, which DuckDB compares four
 * times as fast as a row of two. Sums are Kahan's. The symbol is the query's only parameter.
 */
final class OnDemandSql {
    private static final String ORDER = "(ts::HUGEINT * 18446744073709551616 + seq)";
    private static final String AGGREGATES = "arg_min(price, " + ORDER + ") FILTER (sets_price),"
            + " max(price) FILTER (sets_price), min(price) FILTER (sets_price),"
            + " arg_max(price, " + ORDER + ") FILTER (sets_price),"
            + " fsum(volume) FILTER (counts_volume), fsum(price * volume) FILTER (counts_volume),"
            + " count(*), min(ts), max(ts)";
    private static final String COUNTED = "symbol = ? AND version <> 2147483647 AND (sets_price OR counts_volume)";
    private static final long NANOS_MAX = Long.MAX_VALUE;

    private OnDemandSql() {}

    /** Returns the query for windows on the epoch's grid, tumbling or hopping. */
    static String fixed(BarRange range) {
        Interval interval = range.interval();
        long advance = interval.gridNanos();
        long size = interval.size().toNanos();
        String grid = "(ts // " + advance + ")";
        String window = interval.isHopping() ? "(" + grid + " - hop.k) * " + advance : grid + " * " + advance;
        String hops = interval.isHopping() ? ", range(" + size / advance + ") hop(k)" : "";
        return "SELECT " + window + " AS w, " + AGGREGATES + " FROM trades" + hops + " WHERE " + COUNTED + " AND ts >= "
                + Math.max(0, range.fromNanos()) + " AND ts < " + saturatedSum(range.toNanos(), size) + " AND " + window
                + " >= " + range.fromNanos() + " AND " + window + " < " + range.toNanos() + " GROUP BY w"
                + order(range);
    }

    /**
     * Returns the query for windows of a calendar, which are written into it.
     *
     * @param firstNanos event time of the first trade that may count
     * @param lastNanos event time of the last one
     */
    static String calendar(BarRange range, long firstNanos, long lastNanos) {
        Interval interval = range.interval();
        StringJoiner windows = new StringJoiner(", ", "[", "]::BIGINT[]");
        long open = interval.openTimeNanos(firstNanos);
        long end = open;
        while (open <= lastNanos && open < range.toNanos()) {
            windows.add(Long.toString(open));
            end = interval.closeTimeNanos(open);
            open = end;
        }
        return "SELECT w, " + AGGREGATES + " FROM trades ASOF JOIN (SELECT unnest(" + windows
                + ") AS w) ON ts >= w WHERE " + COUNTED + " AND ts < " + end + " AND w >= " + range.fromNanos()
                + " GROUP BY w" + order(range);
    }

    /** Returns the query for the first and last event time from a moment on. */
    static String bounds(long fromNanos) {
        return "SELECT min(ts), max(ts) FROM trades WHERE " + COUNTED + " AND ts >= " + Math.max(0, fromNanos);
    }

    private static String order(BarRange range) {
        return " ORDER BY w" + (range.newestFirst() ? " DESC" : "") + limit(range.limit());
    }

    /** A limit that cannot matter is left out: DuckDB would reserve room for that many rows. */
    static String limit(long limit) {
        return limit > 1_000_000_000 ? "" : " LIMIT " + limit;
    }

    private static long saturatedSum(long a, long b) {
        return a > NANOS_MAX - b ? NANOS_MAX : a + b;
    }
}
