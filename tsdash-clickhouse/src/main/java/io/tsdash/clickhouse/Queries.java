package io.tsdash.clickhouse;

import io.tsdash.model.Interval;
import io.tsdash.store.BarRange;
import java.util.StringJoiner;

/** The queries that build bars: from trades, or from pre-computed rows. The symbol is their only parameter. */
final class Queries {
    private static final long NANOS_MAX = Long.MAX_VALUE;
    private static final String SYMBOL = "symbol = {symbol:String}";
    /**
     * For a few rows of one symbol: what helps to read many takes longer to plan and to start than they take to read. With
     * formatting in parallel a question is handed from thread to thread some forty times, each time behind whatever else waits for
     * a processor.
     */
    static final String FEW_ROWS = " SETTINGS max_threads = 1, output_format_parallel_formatting = 0,"
            + " optimize_move_to_prewhere = 0, optimize_use_projections = 0";

    private static final String FINISHED = "finalizeAggregation(open), high, low, finalizeAggregation(close),"
            + " finalizeAggregation(volume), finalizeAggregation(notional), priced, trade_count, first_event, last_event";

    private Queries() {}

    /** Returns the query for windows on the epoch's grid, tumbling or hopping. */
    static String fixed(BarRange range) {
        Interval interval = range.interval();
        long advance = interval.gridNanos();
        long size = interval.size().toNanos();
        String grid = "intDiv(toUnixTimestamp64Nano(t.ts), " + advance + ")";
        String window = interval.isHopping() ? "(" + grid + " - hop) * " + advance : grid + " * " + advance;
        String hops = interval.isHopping() ? " ARRAY JOIN range(" + size / advance + ") AS hop" : "";
        return onDemand("toInt64(" + window + ")", hops, range, saturatedSum(range.toNanos(), size));
    }

    /**
     * Returns the query for windows of a calendar, which are written into it.
     *
     * @param firstNanos event time of the first trade that may count
     * @param lastNanos event time of the last one
     */
    static String calendar(BarRange range, long firstNanos, long lastNanos) {
        Interval interval = range.interval();
        StringJoiner windows = new StringJoiner(", ", "[", "]");
        long open = interval.openTimeNanos(firstNanos);
        long end = open;
        while (open <= lastNanos && open < range.toNanos()) {
            windows.add("toInt64(" + open + ")");
            end = interval.closeTimeNanos(open);
            open = end;
        }
        return onDemand("roundDown(toUnixTimestamp64Nano(t.ts), " + windows + ")", "", range, end);
    }

    /** Returns the query for the first and last event time from a moment on. */
    static String bounds(long fromNanos) {
        return "SELECT count(), min(ts), max(ts) FROM " + Tables.TRADES + " AS t FINAL WHERE t." + SYMBOL + " AND "
                + Tables.counted("t") + " AND t.ts >= " + Sql.time(Math.max(0, fromNanos));
    }

    /**
     * Returns the query for pre-computed bars, also those without trades, as if none was ever rebuilt; its last column says
     * of each whether it was.
     *
     * @param range with the limit of rows
     */
    static String precomputed(Level level, BarRange range) {
        return "SELECT toUnixTimestamp64Nano(b.open_time), argMinMerge(b.open), max(b.high), min(b.low), argMaxMerge(b.close),"
                + " sumKahanMerge(b.volume), sumKahanMerge(b.notional), sum(b.priced), sum(b.trade_count),"
                + " min(b.first_event), max(b.last_event), max(b.rebuilt) FROM " + level.table() + " AS b WHERE b."
                + SYMBOL
                + " AND " + between("b", range) + " GROUP BY b.open_time" + limited("b.open_time", range) + FEW_ROWS;
    }

    /** Returns the query for pre-computed bars of which some were rebuilt: what is older than that is passed over. */
    static String rebuilt(Level level, BarRange range) {
        return "SELECT toUnixTimestamp64Nano(window_start), " + FINISHED + " FROM (SELECT b.open_time AS window_start, "
                + Tables.ofBars() + " FROM ("
                + BarRebuilder.valid(level, "r." + SYMBOL + " AND " + between("r", range), "r.open_time")
                + ") AS b WHERE b.generation >= b.since GROUP BY b.open_time)" + limited("window_start", range);
    }

    /** Returns the query for the first and last event time that pre-computed bars hold, of all symbols. */
    static String eventTimes() {
        return "SELECT min(first_event), max(last_event) FROM "
                + Level.coarsest().table();
    }

    private static String between(String alias, BarRange range) {
        return alias + ".open_time >= " + Sql.time(range.fromNanos()) + " AND " + alias + ".open_time < "
                + Sql.time(range.toNanos());
    }

    private static String limited(String column, BarRange range) {
        return " ORDER BY " + column + (range.newestFirst() ? " DESC" : "") + " LIMIT " + range.limit();
    }

    private static String onDemand(String window, String hops, BarRange range, long tradesEndNanos) {
        return "SELECT window_start, " + FINISHED + " FROM (SELECT " + window + " AS window_start, " + Tables.ofTrades()
                + " FROM " + Tables.TRADES + " AS t FINAL" + hops + " WHERE t." + SYMBOL + " AND " + Tables.counted("t")
                + " AND t.ts >= " + Sql.time(Math.max(0, range.fromNanos())) + " AND t.ts < " + Sql.time(tradesEndNanos)
                + " AND window_start >= " + range.fromNanos() + " AND window_start < " + range.toNanos()
                + " GROUP BY window_start)" + limited("window_start", range);
    }

    private static long saturatedSum(long a, long b) {
        return a > NANOS_MAX - b ? NANOS_MAX : a + b;
    }
}
