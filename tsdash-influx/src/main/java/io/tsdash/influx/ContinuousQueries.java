package io.tsdash.influx;

import io.tsdash.influx.InfluxDialect.Policy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The continuous queries of 1.x that make the bars of the running windows, also when no process of ours runs.
 *
 * <p>Two a level, since prices and sums go by different conditions; both write to the same points. They see what is there
 * when they run; what comes later, and what is taken back whole, is left to the refresh.
 */
final class ContinuousQueries {
    private ContinuousQueries() {}

    /** Returns the statements that make them, by name. */
    static Map<String, String> of(String database, InfluxDialect dialect) {
        Map<String, String> statements = new LinkedHashMap<>();
        for (Level level : Level.values()) {
            boolean isFinest = level == Level.MINUTE;
            String from = isFinest
                    ? dialect.from(Policy.TRADES, TradePoints.MEASUREMENT)
                    : dialect.from(Policy.BARS, level.finer().measurement());
            String prices = isFinest
                    ? "first(\"price\") AS \"open\", max(\"price\") AS \"high\", min(\"price\") AS \"low\", last(\"price\") AS \"close\""
                    : "first(\"open\") AS \"open\", max(\"high\") AS \"high\", min(\"low\") AS \"low\", last(\"close\") AS \"close\"";
            String sums = isFinest
                    ? "sum(\"counted_volume\") AS \"volume\", sum(\"counted_notional\") AS \"notional\", "
                            + "sum(\"counted\") AS \"trades\", sum(\"priced\") AS \"priced\", "
                            + "min(\"event\") AS \"first\", max(\"event\") AS \"last\""
                    : "sum(\"volume\") AS \"volume\", sum(\"notional\") AS \"notional\", sum(\"trades\") AS \"trades\", "
                            + "sum(\"priced\") AS \"priced\", min(\"first\") AS \"first\", max(\"last\") AS \"last\"";
            add(statements, database, dialect, level, "prices", prices, from + " WHERE \"priced\" > 0");
            add(
                    statements,
                    database,
                    dialect,
                    level,
                    "sums",
                    sums,
                    from + (isFinest ? " WHERE \"counted\" > 0" : " WHERE \"trades\" > 0"));
        }
        return statements;
    }

    /** Returns the names of all that this version makes. */
    static List<String> names() {
        List<String> names = new ArrayList<>();
        for (Level level : Level.values()) {
            names.add(name(level, "prices"));
            names.add(name(level, "sums"));
        }
        return names;
    }

    private static void add(
            Map<String, String> statements,
            String database,
            InfluxDialect dialect,
            Level level,
            String part,
            String columns,
            String from) {
        String name = name(level, part);
        statements.put(
                name,
                "CREATE CONTINUOUS QUERY \"" + name + "\" ON \"" + database + "\" RESAMPLE EVERY 1m FOR "
                        + 2 * level.sizeNanos() / DirtyBuckets.MINUTE_NANOS + "m BEGIN SELECT " + columns + " INTO "
                        + dialect.from(Policy.BARS, level.measurement()) + " FROM " + from + " GROUP BY time("
                        + level.sizeNanos() / DirtyBuckets.MINUTE_NANOS + "m), \"symbol\" END");
    }

    private static String name(Level level, String part) {
        return "tsdash_" + level.measurement() + "_" + part;
    }
}
