package io.tsdash.timescale;

import java.time.Instant;

/**
 * Nanoseconds since the epoch as the database's microseconds.
 *
 * <p>A trade has both: {@code time}, a timestamptz rounded down, by which tables are cut into chunks and people ask, and
 * {@code ts}, the exact nanoseconds. Order by (time, ts, seq) is order by (ts, seq).
 */
final class Times {
    private static final long NANOS_PER_MICRO = 1_000;
    private static final long MICROS_PER_SECOND = 1_000_000;

    private Times() {}

    static long microsFloor(long nanos) {
        return Math.floorDiv(nanos, NANOS_PER_MICRO);
    }

    /** Returns a timestamptz of this moment, rounded down, as SQL. */
    static String floorSql(long nanos) {
        return sql(microsFloor(nanos));
    }

    /** Returns a timestamptz of this moment, rounded up, as SQL. */
    static String ceilingSql(long nanos) {
        return sql(-Math.floorDiv(-nanos, NANOS_PER_MICRO));
    }

    /** Returns the condition on {@code time} and {@code ts} for event times in {@code [from, to)}, which is not empty. */
    static String range(long fromNanos, long toNanos) {
        long from = Math.max(0, fromNanos);
        return "time >= " + floorSql(from) + " AND time <= " + floorSql(toNanos - 1) + " AND ts >= " + from
                + " AND ts < " + toNanos;
    }

    /** As a literal, so that the planner knows it and leaves out the chunks that it does not concern. */
    private static String sql(long micros) {
        Instant moment = Instant.ofEpochSecond(
                Math.floorDiv(micros, MICROS_PER_SECOND), Math.floorMod(micros, MICROS_PER_SECOND) * NANOS_PER_MICRO);
        return "timestamptz '" + moment + "'";
    }
}
