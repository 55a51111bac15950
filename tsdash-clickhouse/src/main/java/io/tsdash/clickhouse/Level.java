package io.tsdash.clickhouse;

import io.tsdash.model.Interval;
import java.util.List;

/**
 * One interval of the chain of pre-computed bars, each fed by the one before it.
 *
 * @param interval its interval
 * @param table where its bars lie
 */
record Level(Interval interval, String table) {
    static final List<Level> CHAIN = List.of(
            new Level(Interval.parse("1m"), "bars_1m"),
            new Level(Interval.parse("5m"), "bars_5m"),
            new Level(Interval.parse("1h"), "bars_1h"),
            new Level(Interval.parse("1d"), "bars_1d"));

    static Level of(Interval interval) {
        return CHAIN.stream()
                .filter(level -> level.interval.equals(interval))
                .findFirst()
                .orElseThrow();
    }

    static Level finest() {
        return CHAIN.get(0);
    }

    static Level coarsest() {
        return CHAIN.get(CHAIN.size() - 1);
    }

    long sizeNanos() {
        return interval.size().toNanos();
    }

    /** Returns the SQL for the open time of the bar that holds a moment. */
    String openTime(String time) {
        return "fromUnixTimestamp64Nano(intDiv(toUnixTimestamp64Nano(" + time + "), " + sizeNanos() + ") * "
                + sizeNanos() + ", 'UTC')";
    }
}
