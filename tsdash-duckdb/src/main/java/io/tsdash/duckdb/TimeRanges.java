package io.tsdash.duckdb;

import java.util.function.IntToLongFunction;

/**
 * The times of a batch as a condition that lets DuckDB skip what it cannot concern.
 *
 * <p>DuckDB keeps the least and greatest time of every 122,880 rows. A batch of now with one straggler of last week would
 * span the whole week, so that the times are cut at large holes.
 */
final class TimeRanges {
    private static final long HOLE_NANOS = 60_000_000_000L;
    private static final int RANGES_MAX = 16;

    private TimeRanges() {}

    /**
     * Returns an SQL condition that holds for every time given.
     *
     * @param column the column it is about
     * @param count how many times, at least one
     * @param times the times, in order
     */
    static String condition(String column, int count, IntToLongFunction times) {
        StringBuilder sql = new StringBuilder("(");
        long from = times.applyAsLong(0);
        long last = from;
        int ranges = 1;
        for (int i = 1; i < count; i++) {
            long time = times.applyAsLong(i);
            if (time - last > HOLE_NANOS && ranges < RANGES_MAX) {
                between(sql, column, from, last).append(" OR ");
                from = time;
                ranges++;
            }
            last = time;
        }
        return between(sql, column, from, last).append(')').toString();
    }

    private static StringBuilder between(StringBuilder sql, String column, long from, long to) {
        return sql.append(column)
                .append(" BETWEEN ")
                .append(from)
                .append(" AND ")
                .append(to);
    }
}
