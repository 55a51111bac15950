package io.tsdash.influx;

import io.tsdash.model.Interval;
import java.util.ArrayList;
import java.util.List;

/** The intervals that are pre-computed, finest first; each is a multiple of the one before. */
enum Level {
    MINUTE("1m", "bar_1m"),
    FIVE_MINUTES("5m", "bar_5m"),
    HOUR("1h", "bar_1h"),
    DAY("1d", "bar_1d");

    private final String text;
    private final String measurement;
    private final long sizeNanos;

    Level(String interval, String measurement) {
        this.text = interval;
        this.measurement = measurement;
        this.sizeNanos = Interval.parse(interval).size().toNanos();
    }

    static List<Interval> intervals() {
        List<Interval> intervals = new ArrayList<>();
        for (Level level : values()) {
            intervals.add(level.interval());
        }
        return intervals;
    }

    /** Returns the level of an interval that is known to be one. */
    static Level of(Interval interval) {
        for (Level level : values()) {
            if (level.text.equals(interval.text())) {
                return level;
            }
        }
        throw new IllegalArgumentException("interval was " + interval.text() + " but it must be pre-computed");
    }

    Interval interval() {
        return Interval.parse(text);
    }

    String measurement() {
        return measurement;
    }

    long sizeNanos() {
        return sizeNanos;
    }

    /** Returns the level that this one is made from; not asked of the finest. */
    Level finer() {
        return switch (this) {
            case MINUTE, FIVE_MINUTES -> MINUTE;
            case HOUR -> FIVE_MINUTES;
            case DAY -> HOUR;
        };
    }

    /** Returns the start of the window that holds a time; days are those of UTC. */
    long openNanos(long timeNanos) {
        return timeNanos - Math.floorMod(timeNanos, sizeNanos);
    }
}
