package io.tsdash.clickhouse;

import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.store.BarRange;
import io.tsdash.store.BarSearch;
import io.tsdash.store.BarSearch.EventTimes;
import io.tsdash.time.TimeSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Reads bars that the engine builds, on demand from trades or out of those it keeps up to date. Thread-safe. */
final class BarBuilder {
    /** What a query for pre-computed bars asks for at most: their rows are held in memory. */
    private static final int PAGE_BARS_MAX = 50_000;

    private static final long EVENT_TIMES_NANOS_MAX = TimeUnit.MINUTES.toNanos(1);

    /** Of all symbols: to ask of one costs as much as its bars do. */
    private record Known(EventTimes times, long askedNanos) {}

    private final Connection server;
    private final Retention retention;
    private final BarSearch search;
    private final TimeSource time;
    private volatile @Nullable Known known;

    BarBuilder(Connection server, Retention retention, TimeSource time) {
        this.server = server;
        this.retention = retention;
        this.search = new BarSearch(symbol -> Optional.of(eventTimes()), PAGE_BARS_MAX, time);
        this.time = time;
    }

    List<Bar> onDemand(BarRange range) {
        Interval interval = range.interval();
        boolean calendar = interval.gridNanos() != interval.size().toNanos() && !interval.isHopping();
        return search.find(range, part -> calendar ? calendar(part) : query(Queries.fixed(part), part));
    }

    private List<Bar> calendar(BarRange range) {
        long[] bounds = bounds(range);
        return bounds[0] == 0 ? List.of() : query(Queries.calendar(range, bounds[1], bounds[2]), range);
    }

    /** Returns pre-computed bars. */
    List<Bar> precomputed(BarRange range) {
        Level level = Level.of(range.interval());
        long fromNanos = Math.max(range.fromNanos(), retention.ofBarsNanos(level));
        if (fromNanos >= range.toNanos()) {
            return List.of();
        }
        BarRange kept = new BarRange(
                range.symbol(), range.interval(), fromNanos, range.toNanos(), range.limit(), range.newestFirst());
        return search.find(kept, part -> page(level, part));
    }

    private EventTimes eventTimes() {
        Known last = known;
        long now = time.monotonicNanos();
        if (last == null || now - last.askedNanos() > EVENT_TIMES_NANOS_MAX) {
            last = new Known(
                    server.query(Queries.eventTimes(), Map.of(), rows -> {
                        rows.next();
                        return new EventTimes(rows.int64(), rows.int64());
                    }),
                    now);
            known = last;
        }
        return last.times();
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
