package io.tsdash.clickhouse;

import io.tsdash.store.BarRange;
import io.tsdash.time.TimeSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How much time to look through for the last five hundred bars of a symbol that may have years of them.
 *
 * <p>ClickHouse reads a part of the key's order fast, but counts no bars ahead. So the question is asked of as much time as
 * was enough for such a number of bars lately; who finds fewer asks for the rest as well. Only speed depends on it.
 * Thread-safe.
 */
final class Spans {
    private static final double FACTOR_AT_FIRST = 4;
    private static final double FACTOR_MIN = 1.5;
    private static final double FACTOR_MAX = 256;
    /** Symbols differ in how many bars they have in a time. */
    private static final double ROOM = 1.5;

    private static final long EVENT_TIMES_NANOS_MAX = TimeUnit.MINUTES.toNanos(1);

    private record EventTimes(long askedNanos, long firstNanos, long lastNanos) {}

    private final Connection server;
    private final TimeSource time;
    private final Map<Level, Double> factors = new ConcurrentHashMap<>();
    private volatile @Nullable EventTimes eventTimes;

    Spans(Connection server, TimeSource time) {
        this.server = server;
        this.time = time;
    }

    /** Returns the part of a range to look through first; it holds the end that bars are asked from. */
    BarRange narrow(Level level, BarRange range) {
        double enough = size(level, range) * factors.getOrDefault(level, FACTOR_AT_FIRST);
        if (range.toNanos() - range.fromNanos() <= enough) {
            return range;
        }
        long fromNanos = range.fromNanos();
        long toNanos = range.toNanos();
        if (range.newestFirst()) {
            fromNanos = Math.max(fromNanos, (long) (newest(level, range) - enough));
        } else {
            toNanos = Math.min(toNanos, (long) (oldest(range) + enough));
        }
        return new BarRange(range.symbol(), range.interval(), fromNanos, toNanos, range.limit(), range.newestFirst());
    }

    /** Takes note of the bar furthest from the end that was asked from, in an answer of as many as were asked for. */
    void learn(Level level, BarRange range, long openNanos) {
        double used = range.newestFirst() ? newest(level, range) - openNanos : openNanos - oldest(range);
        factors.put(level, Math.max(FACTOR_MIN, Math.min(FACTOR_MAX, ROOM * used / size(level, range))));
    }

    private static double size(Level level, BarRange range) {
        return (range.limit() + 1.0) * level.sizeNanos();
    }

    private double newest(Level level, BarRange range) {
        return Math.min((double) range.toNanos(), (double) eventTimes().lastNanos() + level.sizeNanos());
    }

    private double oldest(BarRange range) {
        return (double) Math.max(range.fromNanos(), eventTimes().firstNanos());
    }

    private EventTimes eventTimes() {
        EventTimes known = eventTimes;
        long now = time.monotonicNanos();
        if (known == null || now - known.askedNanos() > EVENT_TIMES_NANOS_MAX) {
            known = server.query(Queries.eventTimes(), Map.of(), rows -> {
                rows.next();
                return new EventTimes(now, rows.int64(), rows.int64());
            });
            eventTimes = known;
        }
        return known;
    }
}
