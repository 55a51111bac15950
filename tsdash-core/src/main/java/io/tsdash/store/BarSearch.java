package io.tsdash.store;

import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.time.TimeSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Finds the last five hundred bars of a symbol that may have years of them, or the first.
 *
 * <p>A database reads a part of time fast, but counts no bars ahead: asked for the last few of all, it makes all. So the
 * question is asked of as much time as was enough for such a number of bars of this symbol lately, or of another one, and
 * while too few are found, of ever more time beside it. The answer does not depend on any of this, only its speed.
 *
 * <p>Thread-safe.
 */
public final class BarSearch {
    private static final double WIDER = 8;
    private static final double FACTOR_AT_FIRST = 4;
    private static final double FACTOR_MIN = 1.5;
    private static final double FACTOR_MAX = 256;
    /** The number of bars in a time varies. */
    private static final double ROOM = 1.5;

    private static final int LEARNED_MAX = 50_000;

    /**
     * The first and the last event time of a symbol, or moments near them.
     *
     * @param firstNanos nanoseconds since the epoch
     * @param lastNanos nanoseconds since the epoch
     */
    public record EventTimes(long firstNanos, long lastNanos) {}

    /** Questions that reach about as far; of few bars and of many are apart, as days and nights weigh otherwise in them. */
    private record Kind(Interval interval, String symbol, int limitBits) {
        static Kind of(BarRange range) {
            return new Kind(
                    range.interval(), range.symbol(), Integer.SIZE - Integer.numberOfLeadingZeros(range.limit()));
        }

        Kind ofAnySymbol() {
            return new Kind(interval, "", limitBits);
        }
    }

    private final KnownEventTimes eventTimes;
    private final int pageMax;
    private final Map<Kind, Double> factors = new ConcurrentHashMap<>();

    /**
     * Creates a search that has learned nothing yet.
     *
     * @param eventTimes asks the store about a symbol, from time to time; empty when it has no trades
     * @param pageMax how many bars one question asks for at most
     * @param time says how old such an answer is
     */
    public BarSearch(Function<String, Optional<EventTimes>> eventTimes, int pageMax, TimeSource time) {
        this.eventTimes = new KnownEventTimes(eventTimes, time);
        this.pageMax = pageMax;
    }

    /**
     * Returns bars in order of open time.
     *
     * @param range what is asked for
     * @param question asks the store for bars of a part of the range, up to the part's limit, in any order; with retracted
     *     ones, if it counts them in that limit
     */
    public List<Bar> find(BarRange range, Function<BarRange, List<Bar>> question) {
        List<Bar> bars = new ArrayList<>();
        double nanos = enoughNanos(range);
        if (isWithin(range, nanos)) {
            search(range, nanos, new EventTimes(range.fromNanos(), range.toNanos()), question, bars);
        } else {
            eventTimes
                    .near(range.symbol())
                    .flatMap(times -> search(range, nanos, times, question, bars))
                    .filter(times -> bars.size() >= range.limit())
                    .ifPresent(times -> learn(range, times, furthest(range, bars)));
        }
        bars.sort(Comparator.comparingLong(Bar::openTimeNanos));
        return bars;
    }

    /** Returns the times that it went by in the end: where others' are not near enough, the symbol's own; empty if it has none. */
    private Optional<EventTimes> search(
            BarRange range,
            double nanosAtFirst,
            EventTimes timesAtFirst,
            Function<BarRange, List<Bar>> question,
            List<Bar> bars) {
        EventTimes times = timesAtFirst;
        double nanos = nanosAtFirst;
        long fromNanos = range.fromNanos();
        long toNanos = range.toNanos();
        while (true) {
            int limit = Math.min(pageMax, range.limit() - bars.size());
            BarRange rest =
                    new BarRange(range.symbol(), range.interval(), fromNanos, toNanos, limit, range.newestFirst());
            BarRange part = narrow(rest, times, nanos);
            List<Bar> found = question.apply(part);
            found.stream().filter(bar -> !bar.isRetracted()).forEach(bars::add);
            boolean full = found.size() >= limit;
            if (range.newestFirst()) {
                toNanos = full ? furthest(range, found) : part.fromNanos();
            } else {
                fromNanos = full ? furthest(range, found) + 1 : part.toNanos();
            }
            if (fromNanos >= toNanos || bars.size() >= range.limit()) {
                return Optional.of(times);
            }
            Optional<EventTimes> own = eventTimes.of(range.symbol());
            if (own.isEmpty()) {
                return own;
            }
            times = own.get();
            nanos *= WIDER;
        }
    }

    private static long furthest(BarRange range, List<Bar> bars) {
        var opens = bars.stream().mapToLong(Bar::openTimeNanos);
        return (range.newestFirst() ? opens.min() : opens.max()).orElseThrow();
    }

    private double enoughNanos(BarRange range) {
        Kind kind = Kind.of(range);
        Double factor = factors.get(kind);
        return sizeNanos(range) * (factor != null ? factor : factors.getOrDefault(kind.ofAnySymbol(), FACTOR_AT_FIRST));
    }

    /** Returns the part of a range, of about so much time, at the end that bars are asked from. */
    private static BarRange narrow(BarRange range, EventTimes times, double nanos) {
        if (isWithin(range, nanos)) {
            return range;
        }
        long fromNanos = range.fromNanos();
        long toNanos = range.toNanos();
        if (range.newestFirst()) {
            fromNanos = Math.max(fromNanos, (long) (newest(range, times) - nanos));
        } else {
            toNanos = Math.min(toNanos, (long) (oldest(range, times) + nanos));
        }
        return new BarRange(range.symbol(), range.interval(), fromNanos, toNanos, range.limit(), range.newestFirst());
    }

    private void learn(BarRange range, EventTimes times, long furthestNanos) {
        double used = range.newestFirst() ? newest(range, times) - furthestNanos : furthestNanos - oldest(range, times);
        double factor = Math.max(FACTOR_MIN, Math.min(FACTOR_MAX, ROOM * used / sizeNanos(range)));
        if (factors.size() >= LEARNED_MAX) {
            factors.clear();
        }
        factors.put(Kind.of(range), factor);
        factors.put(Kind.of(range).ofAnySymbol(), factor);
    }

    private static boolean isWithin(BarRange range, double nanos) {
        return (double) range.toNanos() - range.fromNanos() <= nanos;
    }

    /** Returns how long as many windows as are asked for are together, and one more. */
    private static double sizeNanos(BarRange range) {
        return (range.limit() + 1.0) * range.interval().size().toNanos();
    }

    private static double newest(BarRange range, EventTimes times) {
        return Math.min(
                (double) range.toNanos(),
                (double) times.lastNanos() + range.interval().size().toNanos());
    }

    private static double oldest(BarRange range, EventTimes times) {
        return (double) Math.max(range.fromNanos(), times.firstNanos());
    }
}
