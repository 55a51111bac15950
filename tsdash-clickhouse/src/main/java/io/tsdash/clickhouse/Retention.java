package io.tsdash.clickhouse;

import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Since when trades and pre-computed bars are complete, which outlives what was removed.
 *
 * <p>Bars that began before that are not rebuilt from what is left. Thread-safe.
 */
final class Retention {
    /**
     * A bound.
     *
     * @param sinceNanos what is older was removed
     * @param generation trades of older generations may have been removed, younger ones came after
     */
    record Bound(long sinceNanos, long generation) {
        static final Bound NONE = new Bound(0, 0);
    }

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final Connection server;
    private final TimeSource time;
    private final ClickHouseOptions options;
    private final Map<String, Bound> bounds = new ConcurrentHashMap<>();

    Retention(Connection server, TimeSource time, ClickHouseOptions options) {
        this.server = server;
        this.time = time;
        this.options = options;
    }

    /** Reads the bounds that were set before. */
    void load() {
        server.query(
                "SELECT kept, max(since), argMax(generation, since) FROM " + Tables.RETENTION + " GROUP BY kept",
                Map.of(),
                rows -> {
                    while (rows.next()) {
                        bounds.put(rows.string(), new Bound(rows.int64(), rows.int64()));
                    }
                    return bounds;
                });
    }

    /** Writes a bound down, before anything is removed. */
    void raise(String table, Bound bound) {
        if (bound.sinceNanos() <= of(table).sinceNanos()) {
            return;
        }
        server.insert(
                Tables.RETENTION,
                List.of("kept", "since", "generation"),
                rows -> rows.string(table).int64(bound.sinceNanos()).int64(bound.generation()));
        bounds.put(table, bound);
    }

    /** Returns the bound of the trades; what the server drops by age is counted as removed. */
    Bound ofTrades() {
        Bound bound = of(Tables.TRADES);
        long aged = aged(options.keepTrades());
        return aged > bound.sinceNanos() ? new Bound(aged, Long.MAX_VALUE) : bound;
    }

    /** Returns since when a level of pre-computed bars is complete. */
    long ofBarsNanos(Level level) {
        return Math.max(of(level.table()).sinceNanos(), aged(options.keepBars()));
    }

    private Bound of(String table) {
        return bounds.getOrDefault(table, Bound.NONE);
    }

    private long aged(Duration age) {
        return age.isZero() ? 0 : Math.max(0, time.epochNanos() - age.toSeconds() * NANOS_PER_SECOND);
    }
}
