package io.tsdash.influx;

import io.tsdash.aggregation.PartialBar;
import io.tsdash.influx.InfluxDialect.Policy;
import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.store.BarRange;
import io.tsdash.store.TradeRange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Builds bars from raw trades: tumbling ones by the server, the others here out of finer ones.
 *
 * <p>Intervals that are no whole microseconds are beyond the server, whose points are placed by microsecond: those are made
 * here from the trades. Thread-safe.
 */
final class OnDemandBars {
    private static final int PAGE_BARS = 10_000;
    private static final long[] GRIDS_NANOS = {3_600_000_000_000L, 900_000_000_000L, 60_000_000_000L, 1_000_000_000L};

    private final InfluxConnection connection;
    private final TradeReader trades;
    private final String from;

    OnDemandBars(InfluxConnection connection, TradeReader trades) {
        this.connection = connection;
        this.trades = trades;
        this.from = " FROM " + connection.dialect().from(Policy.TRADES, TradePoints.MEASUREMENT);
    }

    List<Bar> bars(BarRange asked) {
        if (asked.toNanos() <= asked.fromNanos()) {
            return List.of();
        }
        BarRange range = withinTrades(asked);
        if (range.toNanos() <= range.fromNanos()) {
            return List.of();
        }
        Interval interval = range.interval();
        boolean isTumbling = !interval.isHopping() && interval.equals(Interval.of(interval.size()));
        if (isTumbling && interval.gridNanos() % TradePoints.NANOS_PER_MICROSECOND == 0) {
            return tumbling(range);
        }
        return range.newestFirst() ? newestMerged(range) : merged(range);
    }

    /** Narrows a range down to where the symbol has trades, so that an open range costs no more than its trades. */
    private BarRange withinTrades(BarRange range) {
        String event = "SELECT \"event\"" + from + " WHERE " + TradeReader.is(range.symbol()) + " ORDER BY time ";
        List<List<Series>> ends = connection.query(List.of(event + "ASC LIMIT 1", event + "DESC LIMIT 1"));
        if (ends.get(0).isEmpty() || ends.get(1).isEmpty()) {
            return new BarRange(range.symbol(), range.interval(), 0, 0, range.limit(), range.newestFirst());
        }
        long first = Series.whole(ends.get(0).get(0).rows().get(0), 1);
        long last = Series.whole(ends.get(1).get(0).rows().get(0), 1);
        long earliest = range.interval().openTimeNanos(first);
        for (long open = earliest;
                range.interval().closeTimeNanos(open) > first;
                open = range.interval().previousOpenTimeNanos(open)) {
            earliest = open;
        }
        long start = Math.max(range.fromNanos(), earliest);
        return new BarRange(
                range.symbol(),
                range.interval(),
                start,
                Math.max(start, Math.min(range.toNanos(), last + 1)),
                range.limit(),
                range.newestFirst());
    }

    private List<Bar> tumbling(BarRange range) {
        long size = range.interval().gridNanos();
        long fromOpen = Math.floorDiv(range.fromNanos() + size - 1, size) * size;
        long toOpen = Math.floorDiv(range.toNanos() - 1, size) * size;
        List<Bar> bars = new ArrayList<>();
        while (fromOpen <= toOpen && bars.size() < range.limit()) {
            int rows = Math.min(PAGE_BARS, range.limit() - bars.size());
            List<Bar> page = page(range, fromOpen, toOpen, rows);
            bars.addAll(page);
            if (page.size() < rows) {
                break;
            }
            long edge = page.get(page.size() - 1).openTimeNanos();
            if (range.newestFirst()) {
                toOpen = edge - size;
            } else {
                fromOpen = edge + size;
            }
        }
        if (range.newestFirst()) {
            Collections.reverse(bars);
        }
        return List.copyOf(bars);
    }

    private List<Bar> page(BarRange range, long fromOpen, long toOpen, int rows) {
        Interval interval = range.interval();
        List<List<Series>> answers = connection.query(statements(
                range.symbol(),
                interval.gridNanos(),
                fromOpen,
                toOpen,
                " ORDER BY time " + (range.newestFirst() ? "DESC" : "ASC") + " LIMIT " + rows));
        return bars(range.symbol(), interval, answers.get(0), answers.get(1));
    }

    /** Returns the two statements that make bars: sums and counts of what counts, prices of what sets prices. */
    private List<String> statements(String symbol, long sizeNanos, long fromOpen, long toOpen, String order) {
        String inRange = " AND " + TradeReader.is(symbol) + " AND time >= " + fromOpen + " AND time < "
                + Math.min(InfluxConnection.TIME_NANOS_MAX, toOpen + sizeNanos) + " GROUP BY time(" + sizeNanos
                + "ns) fill(none)" + order;
        return List.of(
                "SELECT sum(\"counted_volume\"), sum(\"counted_notional\"), sum(\"counted\"), min(\"event\"), max(\"event\")"
                        + from + " WHERE \"counted\" = 1" + inRange,
                "SELECT first(\"price\"), max(\"price\"), min(\"price\"), last(\"price\")" + from
                        + " WHERE \"priced\" = 1" + inRange);
    }

    private static List<Bar> bars(String symbol, Interval interval, List<Series> sums, List<Series> prices) {
        if (sums.isEmpty()) {
            return List.of();
        }
        Map<Long, @Nullable Object[]> pricesByTime = new HashMap<>();
        for (Series series : prices) {
            series.rows().forEach(row -> pricesByTime.put(Series.whole(row, 0), row));
        }
        List<Bar> bars = new ArrayList<>();
        for (@Nullable Object[] row : sums.get(0).rows()) {
            long open = Series.whole(row, 0);
            @Nullable Object[] price = pricesByTime.get(open);
            bars.add(new Bar(
                    symbol,
                    interval,
                    open,
                    interval.closeTimeNanos(open),
                    price == null ? Double.NaN : Series.number(price, 1),
                    price == null ? Double.NaN : Series.number(price, 2),
                    price == null ? Double.NaN : Series.number(price, 3),
                    price == null ? Double.NaN : Series.number(price, 4),
                    Series.number(row, 1),
                    Series.number(row, 2),
                    Series.whole(row, 3),
                    Series.whole(row, 4),
                    Series.whole(row, 5),
                    0,
                    BarState.CLOSED));
        }
        return bars;
    }

    /** Returns the bars of several spans at once: all that open in them. */
    Map<Span, List<Bar>> bars(Interval tumbling, List<Span> spans) {
        long size = tumbling.gridNanos();
        List<String> statements = new ArrayList<>();
        spans.forEach(span -> statements.addAll(statements(span.symbol(), size, span.fromOpen(), span.toOpen(), "")));
        List<List<Series>> answers = connection.query(statements);
        Map<Span, List<Bar>> bars = new HashMap<>();
        for (int i = 0; i < spans.size(); i++) {
            bars.put(spans.get(i), bars(spans.get(i).symbol(), tumbling, answers.get(2 * i), answers.get(2 * i + 1)));
        }
        return bars;
    }

    /** Windows of a symbol from one open time to another, both inclusive. */
    record Span(String symbol, long fromOpen, long toOpen) {}

    /** Walks back from the end until there are enough, over spans that double. */
    private List<Bar> newestMerged(BarRange range) {
        Interval interval = range.interval();
        long span = Math.multiplyExact(2, interval.size().toNanos());
        while (true) {
            boolean isAll = span >= range.toNanos() - range.fromNanos();
            long start = isAll ? range.fromNanos() : range.toNanos() - span;
            List<Bar> bars =
                    merged(new BarRange(range.symbol(), interval, start, range.toNanos(), Integer.MAX_VALUE, false));
            if (isAll || bars.size() >= range.limit()) {
                return List.copyOf(bars.subList(Math.max(0, bars.size() - range.limit()), bars.size()));
            }
            span = span > Long.MAX_VALUE / 4 ? Long.MAX_VALUE : span * 4;
        }
    }

    private List<Bar> merged(BarRange range) {
        Interval interval = range.interval();
        long end = interval.closeTimeNanos(interval.openTimeNanos(range.toNanos() - 1));
        Merge merge = new Merge(range);
        if (interval.gridNanos() % TradePoints.NANOS_PER_MICROSECOND != 0) {
            trades.trades(TradeRange.of(range.symbol(), range.fromNanos(), end, Long.MAX_VALUE), trade -> {
                PartialBar partial = new PartialBar();
                partial.add(trade);
                merge.add(trade.eventTimeNanos(), partial);
            });
            return merge.bars();
        }
        Interval grid = Interval.of(Duration.ofNanos(grid(range)));
        long at = Math.floorDiv(range.fromNanos(), grid.gridNanos()) * grid.gridNanos();
        boolean isEnough = false;
        while (at < end && !isEnough) {
            List<Bar> finer = tumbling(new BarRange(range.symbol(), grid, at, end, PAGE_BARS, false));
            finer.forEach(bar -> merge.add(bar.openTimeNanos(), PartialBar.of(bar)));
            at = finer.size() < PAGE_BARS ? end : finer.get(finer.size() - 1).closeTimeNanos();
            isEnough = merge.closedBefore(at) >= range.limit();
        }
        return merge.bars();
    }

    /** Returns the coarsest grid that all windows of a range begin and end on. */
    private static long grid(BarRange range) {
        Interval interval = range.interval();
        if (interval.isHopping() || interval.gridNanos() < GRIDS_NANOS[GRIDS_NANOS.length - 1]) {
            return interval.gridNanos();
        }
        for (long grid : GRIDS_NANOS) {
            boolean fits = true;
            long open = interval.openTimeNanos(range.toNanos() - 1);
            fits &= interval.closeTimeNanos(open) % grid == 0;
            while (fits && interval.closeTimeNanos(open) > range.fromNanos()) {
                fits = open % grid == 0;
                open = interval.previousOpenTimeNanos(open);
            }
            if (fits) {
                return grid;
            }
        }
        return interval.gridNanos();
    }

    /** Windows that pieces in order of time are put into. */
    private static final class Merge {
        private final BarRange range;
        private final TreeMap<Long, PartialBar> windows = new TreeMap<>();

        Merge(BarRange range) {
            this.range = range;
        }

        void add(long timeNanos, PartialBar piece) {
            Interval interval = range.interval();
            long open = interval.openTimeNanos(timeNanos);
            while (interval.closeTimeNanos(open) > timeNanos && open >= range.fromNanos()) {
                if (open < range.toNanos()) {
                    windows.computeIfAbsent(open, key -> new PartialBar()).merge(piece);
                }
                open = interval.previousOpenTimeNanos(open);
            }
        }

        long closedBefore(long timeNanos) {
            return windows.headMap(timeNanos).keySet().stream()
                    .filter(open -> range.interval().closeTimeNanos(open) <= timeNanos)
                    .count();
        }

        List<Bar> bars() {
            return windows.entrySet().stream()
                    .filter(window -> window.getValue().tradeCount() > 0)
                    .limit(range.limit())
                    .map(window -> window.getValue()
                            .toBar(
                                    range.symbol(),
                                    range.interval(),
                                    window.getKey(),
                                    range.interval().closeTimeNanos(window.getKey()),
                                    0,
                                    BarState.CLOSED))
                    .toList();
        }
    }
}
