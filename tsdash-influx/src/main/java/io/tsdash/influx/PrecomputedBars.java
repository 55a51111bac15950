package io.tsdash.influx;

import io.tsdash.aggregation.PartialBar;
import io.tsdash.influx.DirtyBuckets.Day;
import io.tsdash.influx.DirtyBuckets.Work;
import io.tsdash.influx.InfluxDialect.Policy;
import io.tsdash.influx.OnDemandBars.Span;
import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.store.BarRange;
import io.tsdash.store.BarSearch;
import io.tsdash.store.BarSearch.EventTimes;
import io.tsdash.time.TimeSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Bars of 1m, 5m, 1h and 1d in measurements of their own, made again wherever trades came.
 *
 * <p>Those of a minute are made from trades, the coarser ones from the next finer. A bar without trades left becomes a point
 * with a count of 0, which no answer holds. Where trades were deleted, a bar of a minute is replaced only by one of at least as
 * many trades. Thread-safe; one refresh runs at a time.
 */
final class PrecomputedBars {
    private static final int PAGE_ROWS = 10_000;
    private static final int SPANS_A_REQUEST = 50;
    private static final int LINES_A_REQUEST = 10_000;
    private static final int WINDOWS_A_SPAN = 10_000;
    private static final int WINDOWS_A_REQUEST = 50_000;
    private static final int MINUTES_AT_ONCE = 100_000;
    // To read over a gap costs less than another statement, as far as trades are sparse; and not much where they are
    // not.
    private static final long NEAR_ROWS = 500;
    private static final long NEAR_NANOS = 6 * 3_600_000_000_000L;

    private final InfluxConnection connection;
    private final OnDemandBars onDemand;
    private final DirtyBuckets dirty;
    private final KeptFrom kept;
    private final ReentrantLock refreshing = new ReentrantLock();
    private final BarSearch search;

    PrecomputedBars(
            InfluxConnection connection, OnDemandBars onDemand, DirtyBuckets dirty, KeptFrom kept, TimeSource time) {
        this.connection = connection;
        this.onDemand = onDemand;
        this.dirty = dirty;
        this.kept = kept;
        this.search = new BarSearch(this::eventTimes, Integer.MAX_VALUE, time);
    }

    /** Makes all bars whose trades have changed. */
    void refresh() {
        refreshing.lock();
        try {
            Work work = dirty.begin();
            boolean isDone = false;
            try {
                make(work.all());
                isDone = true;
            } finally {
                if (!isDone) {
                    dirty.failed(work);
                }
            }
            dirty.done(work);
        } finally {
            refreshing.unlock();
        }
    }

    List<Bar> bars(BarRange range) {
        Level level = Level.of(range.interval());
        return search.find(range, part -> page(level, part));
    }

    private List<Bar> page(Level level, BarRange range) {
        List<Bar> bars = new ArrayList<>();
        Pages.read(
                connection,
                select(level) + " WHERE " + TradeReader.is(range.symbol()) + " AND \"trades\" > 0",
                range,
                PAGE_ROWS,
                row -> bars.add(bar(range.symbol(), level, row)));
        return bars;
    }

    /** By the hour, which is a few points a day; where they are deleted, by whatever level is left. */
    private Optional<EventTimes> eventTimes(String symbol) {
        return Stream.of(Level.HOUR, Level.DAY, Level.FIVE_MINUTES, Level.MINUTE)
                .flatMap(level -> eventTimes(symbol, level).stream())
                .findFirst();
    }

    private Optional<EventTimes> eventTimes(String symbol, Level level) {
        String bars = "SELECT \"trades\" FROM "
                + connection.dialect().from(Policy.BARS, level.measurement()) + " WHERE "
                + TradeReader.is(symbol) + " ORDER BY time ";
        List<List<Series>> ends = connection.query(List.of(bars + "ASC LIMIT 1", bars + "DESC LIMIT 1"));
        if (ends.get(0).isEmpty() || ends.get(1).isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new EventTimes(
                Series.whole(ends.get(0).get(0).rows().get(0), 0),
                Series.whole(ends.get(1).get(0).rows().get(0), 0) + level.sizeNanos()));
    }

    /** Makes some symbols at a time, so that what is held of a load of months stays small. */
    private void make(Map<Day, BitSet> days) {
        Map<String, List<Day>> bySymbol = new TreeMap<>();
        days.keySet()
                .forEach(day -> bySymbol.computeIfAbsent(day.symbol(), symbol -> new ArrayList<>())
                        .add(day));
        Map<String, NavigableSet<Long>> touched = new TreeMap<>();
        long minutes = 0;
        for (Map.Entry<String, List<Day>> entry : bySymbol.entrySet()) {
            NavigableSet<Long> times = new TreeSet<>();
            for (Day day : entry.getValue()) {
                days.getOrDefault(day, new BitSet()).stream()
                        .forEach(minute -> times.add(day.openNanos() + minute * Level.MINUTE.sizeNanos()));
            }
            touched.put(entry.getKey(), times);
            minutes += times.size();
            if (minutes >= MINUTES_AT_ONCE) {
                makeLevels(touched);
                touched.clear();
                minutes = 0;
            }
        }
        makeLevels(touched);
    }

    private void makeLevels(Map<String, NavigableSet<Long>> touched) {
        for (Level level : Level.values()) {
            Map<String, NavigableSet<Long>> opens = new TreeMap<>();
            touched.forEach((symbol, times) -> times.forEach(
                    time -> opens.computeIfAbsent(symbol, s -> new TreeSet<>()).add(level.openNanos(time))));
            List<Span> spans = new ArrayList<>();
            opens.forEach((symbol, times) -> addSpans(spans, symbol, times, level));
            List<Span> some = new ArrayList<>();
            long windows = 0;
            for (Span span : spans) {
                some.add(span);
                windows += (span.toOpen() - span.fromOpen()) / level.sizeNanos() + 1;
                if (some.size() == SPANS_A_REQUEST || windows >= WINDOWS_A_REQUEST) {
                    make(level, some, opens);
                    some.clear();
                    windows = 0;
                }
            }
            make(level, some, opens);
        }
    }

    private void make(Level level, List<Span> spans, Map<String, NavigableSet<Long>> opens) {
        Map<Span, List<Bar>> made =
                level == Level.MINUTE ? onDemand.bars(level.interval(), spans) : fromFiner(level, spans);
        Map<Span, Map<Long, Bar>> madeByTime = new HashMap<>();
        List<Span> toCompare = new ArrayList<>();
        long keptFrom = level == Level.MINUTE ? kept.from(TradePoints.MEASUREMENT) : 0;
        for (Span span : spans) {
            Map<Long, Bar> bars = new HashMap<>();
            made.getOrDefault(span, List.of()).forEach(bar -> bars.put(bar.openTimeNanos(), bar));
            madeByTime.put(span, bars);
            if (span.fromOpen() < keptFrom || !bars.keySet().containsAll(within(span, opens))) {
                toCompare.add(span);
            }
        }
        Map<Span, Map<Long, Long>> counts = counts(level, toCompare);
        LineBuffer lines = new LineBuffer();
        int size = 0;
        for (Span span : spans) {
            Map<Long, Bar> bars = madeByTime.getOrDefault(span, Map.of());
            Map<Long, Long> before = counts.getOrDefault(span, Map.of());
            byte[] tag = LineBuffer.escaped(SymbolTag.encode(span.symbol()));
            for (long open : within(span, opens)) {
                long known = before.getOrDefault(open, 0L);
                Bar bar = bars.getOrDefault(open, empty(span.symbol(), level, open));
                boolean isNothing = bar.isRetracted() && known == 0;
                boolean isLess = open < keptFrom && bar.tradeCount() < known;
                if (!isNothing && !isLess) {
                    append(lines, level, tag, bar);
                    size++;
                }
                if (size == LINES_A_REQUEST) {
                    connection.write(Policy.BARS, lines);
                    lines = new LineBuffer();
                    size = 0;
                }
            }
        }
        if (!lines.isEmpty()) {
            connection.write(Policy.BARS, lines);
        }
    }

    private static NavigableSet<Long> within(Span span, Map<String, NavigableSet<Long>> opens) {
        return opens.getOrDefault(span.symbol(), new TreeSet<>()).subSet(span.fromOpen(), true, span.toOpen(), true);
    }

    private Map<Span, List<Bar>> fromFiner(Level level, List<Span> spans) {
        Level finer = level.finer();
        List<String> statements = new ArrayList<>();
        spans.forEach(span -> statements.add(select(finer) + " WHERE " + TradeReader.is(span.symbol())
                + " AND \"trades\" > 0 AND time >= " + span.fromOpen() + " AND time < "
                + (span.toOpen() + level.sizeNanos())));
        List<List<Series>> answers = connection.query(statements);
        Map<Span, List<Bar>> made = new HashMap<>();
        for (int i = 0; i < spans.size(); i++) {
            Span span = spans.get(i);
            TreeMap<Long, PartialBar> windows = new TreeMap<>();
            for (Series series : answers.get(i)) {
                for (@Nullable Object[] row : series.rows()) {
                    Bar bar = bar(span.symbol(), finer, row);
                    windows.computeIfAbsent(level.openNanos(bar.openTimeNanos()), open -> new PartialBar())
                            .merge(PartialBar.of(bar));
                }
            }
            List<Bar> bars = new ArrayList<>();
            windows.forEach((open, partial) -> bars.add(partial.toBar(
                    span.symbol(), level.interval(), open, open + level.sizeNanos(), 0, BarState.CLOSED)));
            made.put(span, bars);
        }
        return made;
    }

    /** Returns the trade counts of the bars that are there. */
    private Map<Span, Map<Long, Long>> counts(Level level, List<Span> spans) {
        List<List<Series>> answers = connection.query(spans.stream()
                .map(span -> "SELECT \"trades\" FROM "
                        + connection.dialect().from(Policy.BARS, level.measurement()) + " WHERE "
                        + TradeReader.is(span.symbol()) + " AND time >= " + span.fromOpen() + " AND time <= "
                        + span.toOpen())
                .toList());
        Map<Span, Map<Long, Long>> counts = new HashMap<>();
        for (int i = 0; i < spans.size(); i++) {
            Map<Long, Long> ofSpan = new HashMap<>();
            for (Series series : answers.get(i)) {
                series.rows().forEach(row -> ofSpan.put(Series.whole(row, 0), Series.whole(row, 1)));
            }
            counts.put(spans.get(i), ofSpan);
        }
        return counts;
    }

    /** Joins windows that are near each other, as far as one statement should go. */
    private static void addSpans(List<Span> spans, String symbol, NavigableSet<Long> opens, Level level) {
        long nearNanos =
                level == Level.MINUTE ? NEAR_NANOS : NEAR_ROWS * level.finer().sizeNanos();
        long lengthMax = WINDOWS_A_SPAN * level.sizeNanos();
        long from = opens.first();
        long to = from;
        for (long open : opens.tailSet(from, false)) {
            if (open - to > nearNanos || open - from >= lengthMax) {
                spans.add(new Span(symbol, from, to));
                from = open;
            }
            to = open;
        }
        spans.add(new Span(symbol, from, to));
    }

    private String select(Level level) {
        return "SELECT \"open\", \"high\", \"low\", \"close\", \"volume\", \"notional\", \"trades\", \"first\", \"last\","
                + " \"priced\" FROM " + connection.dialect().from(Policy.BARS, level.measurement());
    }

    private static void append(LineBuffer lines, Level level, byte[] tag, Bar bar) {
        boolean priced = !Double.isNaN(bar.open());
        lines.begin(level.measurement())
                .tag("symbol", tag)
                .field("open", priced ? bar.open() : 0)
                .field("high", priced ? bar.high() : 0)
                .field("low", priced ? bar.low() : 0)
                .field("close", priced ? bar.close() : 0)
                .field("volume", bar.volume())
                .field("notional", bar.notional())
                .field("trades", bar.tradeCount())
                .field("first", bar.firstEventNanos())
                .field("last", bar.lastEventNanos())
                .field("priced", priced ? 1 : 0)
                .end(bar.openTimeNanos());
        lines.cut();
    }

    private static Bar bar(String symbol, Level level, @Nullable Object[] row) {
        long open = Series.whole(row, 0);
        boolean priced = Series.whole(row, 10) > 0;
        return new Bar(
                symbol,
                level.interval(),
                open,
                open + level.sizeNanos(),
                priced ? Series.number(row, 1) : Double.NaN,
                priced ? Series.number(row, 2) : Double.NaN,
                priced ? Series.number(row, 3) : Double.NaN,
                priced ? Series.number(row, 4) : Double.NaN,
                Series.number(row, 5),
                Series.number(row, 6),
                Series.whole(row, 7),
                Series.whole(row, 8),
                Series.whole(row, 9),
                0,
                BarState.CLOSED);
    }

    private static Bar empty(String symbol, Level level, long open) {
        return new PartialBar().toBar(symbol, level.interval(), open, open + level.sizeNanos(), 0, BarState.CLOSED);
    }
}
