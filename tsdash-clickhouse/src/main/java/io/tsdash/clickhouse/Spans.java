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
 * was enough for such a number of bars of this symbol lately, or of another one, and then, while too few are found, of ever more before it. Only
 * speed depends on it. Thread-safe.
 */
final class Spans {
    /** By how much each further question reaches further than the one before it. */
    static final double WIDER = 8;

    private static final double FACTOR_AT_FIRST = 4;
    private static final double FACTOR_MIN = 1.5;
    private static final double FACTOR_MAX = 256;
    /** The number of bars in a time varies. */
    private static final double ROOM = 1.5;

    private static final int LEARNED_MAX = 50_000;
    private static final long EVENT_TIMES_NANOS_MAX = TimeUnit.MINUTES.toNanos(1);

    private record EventTimes(long askedNanos, long firstNanos, long lastNanos) {}

    /** Questions that reach about as far; of few bars and of many are apart, as days and nights weigh otherwise in them. */
    private record Kind(Level level, String symbol, int limitBits) {
        static Kind of(Level level, BarRange range) {
            return new Kind(level, range.symbol(), Integer.SIZE - Integer.numberOfLeadingZeros(range.limit()));
        }

        Kind ofAnySymbol() {
            return new Kind(level, "", limitBits);
        }
    }

    private final Connection server;
    private final TimeSource time;
    private final Map<Kind, Double> factors = new ConcurrentHashMap<>();
    private volatile @Nullable EventTimes eventTimes;

    Spans(Connection server, TimeSource time) {
        this.server = server;
        this.time = time;
    }

    /** Returns how much time, in nanoseconds, should hold as many bars as are asked for. */
    double enoughNanos(Level level, BarRange range) {
        Kind kind = Kind.of(level, range);
        Double factor = factors.get(kind);
        return size(level, range)
                * (factor != null ? factor : factors.getOrDefault(kind.ofAnySymbol(), FACTOR_AT_FIRST));
    }

    /** Returns the part of a range that holds the end which bars are asked from, of about so much time. */
    BarRange narrow(Level level, BarRange range, double nanos) {
        if (isWithin(range, nanos)) {
            return range;
        }
        long fromNanos = range.fromNanos();
        long toNanos = range.toNanos();
        if (range.newestFirst()) {
            fromNanos = Math.max(fromNanos, (long) (newest(level, range) - nanos));
        } else {
            toNanos = Math.min(toNanos, (long) (oldest(range) + nanos));
        }
        return new BarRange(range.symbol(), range.interval(), fromNanos, toNanos, range.limit(), range.newestFirst());
    }

    /** Takes note of the bar furthest from the end that was asked from, in an answer of as many as were asked for. */
    void learn(Level level, BarRange range, long openNanos) {
        if (isWithin(range, enoughNanos(level, range))) {
            return;
        }
        double used = range.newestFirst() ? newest(level, range) - openNanos : openNanos - oldest(range);
        if (factors.size() >= LEARNED_MAX) {
            factors.clear();
        }
        factors.put(
                Kind.of(level, range), Math.max(FACTOR_MIN, Math.min(FACTOR_MAX, ROOM * used / size(level, range))));
    }

    private static boolean isWithin(BarRange range, double nanos) {
        return (double) range.toNanos() - range.fromNanos() <= nanos;
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
