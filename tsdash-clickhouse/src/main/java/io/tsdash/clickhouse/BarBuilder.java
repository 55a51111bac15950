package io.tsdash.clickhouse;

import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.store.BarRange;
import io.tsdash.time.TimeSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Reads bars that the engine builds, on demand from trades or out of those it keeps up to date. Thread-safe. */
final class BarBuilder {
    /** What a query for pre-computed bars asks for at most: their rows are held in memory. */
    private static final int PAGE_BARS_MAX = 50_000;

    private final Connection server;
    private final Retention retention;
    private final Spans spans;

    BarBuilder(Connection server, Retention retention, TimeSource time) {
        this.server = server;
        this.retention = retention;
        this.spans = new Spans(server, time);
    }

    List<Bar> onDemand(BarRange range) {
        Interval interval = range.interval();
        boolean calendar = interval.gridNanos() != interval.size().toNanos() && !interval.isHopping();
        String sql = Queries.fixed(range);
        if (calendar) {
            long[] bounds = bounds(range);
            if (bounds[0] == 0) {
                return List.of();
            }
            sql = Queries.calendar(range, bounds[1], bounds[2]);
        }
        List<Bar> bars = query(sql, range);
        if (range.newestFirst()) {
            Collections.reverse(bars);
        }
        return bars;
    }

    /** Returns pre-computed bars. */
    List<Bar> precomputed(BarRange range) {
        Level level = Level.of(range.interval());
        List<Bar> bars = new ArrayList<>();
        long fromNanos = Math.max(range.fromNanos(), retention.ofBarsNanos(level));
        long toNanos = range.toNanos();
        double lookedThrough = spans.enoughNanos(level, range);
        while (fromNanos < toNanos && bars.size() < range.limit()) {
            int limit = Math.min(PAGE_BARS_MAX, range.limit() - bars.size());
            BarRange rest =
                    new BarRange(range.symbol(), range.interval(), fromNanos, toNanos, limit, range.newestFirst());
            BarRange part = spans.narrow(level, rest, lookedThrough);
            List<Bar> found = page(level, part);
            // All trades of some were cancelled.
            found.stream().filter(bar -> !bar.isRetracted()).forEach(bars::add);
            boolean full = found.size() == limit;
            if (range.newestFirst()) {
                toNanos = full ? found.get(limit - 1).openTimeNanos() : part.fromNanos();
            } else {
                fromNanos = full ? found.get(limit - 1).openTimeNanos() + 1 : part.toNanos();
            }
            lookedThrough *= Spans.WIDER;
        }
        if (bars.size() == range.limit()) {
            spans.learn(level, range, bars.get(bars.size() - 1).openTimeNanos());
        }
        if (range.newestFirst()) {
            Collections.reverse(bars);
        }
        return bars;
    }

    private List<Bar> page(Level level, BarRange page) {
        boolean[] rebuilt = {false};
        List<Bar> bars = query(Queries.precomputed(level, page), page, rows -> rebuilt[0] |= rows.bool());
        return rebuilt[0] ? query(Queries.rebuilt(level, page), page) : bars;
    }

    private long[] bounds(BarRange range) {
        return server.query(Queries.bounds(range.fromNanos()), Map.of("symbol", range.symbol()), rows -> {
            rows.next();
            return new long[] {rows.int64(), rows.int64(), rows.int64()};
        });
    }

    private List<Bar> query(String sql, BarRange range) {
        return query(sql, range, rows -> {});
    }

    /** Reads what stands behind a bar in its row. */
    private interface Rest {
        void read(Rows rows) throws IOException;
    }

    private List<Bar> query(String sql, BarRange range, Rest rest) {
        return server.query(sql, Map.of("symbol", range.symbol()), rows -> {
            List<Bar> bars = new ArrayList<>();
            while (rows.next()) {
                bars.add(bar(range, rows));
                rest.read(rows);
            }
            return bars;
        });
    }

    private static Bar bar(BarRange range, Rows rows) throws IOException {
        long openTime = rows.int64();
        double open = rows.float64();
        double high = rows.float64();
        double low = rows.float64();
        double close = rows.float64();
        double volume = rows.float64();
        double notional = rows.float64();
        boolean priced = rows.int64() > 0;
        return new Bar(
                range.symbol(),
                range.interval(),
                openTime,
                range.interval().closeTimeNanos(openTime),
                priced ? open : Double.NaN,
                priced ? high : Double.NaN,
                priced ? low : Double.NaN,
                priced ? close : Double.NaN,
                volume,
                notional,
                rows.int64(),
                rows.int64(),
                rows.int64(),
                0,
                BarState.CLOSED);
    }
}
