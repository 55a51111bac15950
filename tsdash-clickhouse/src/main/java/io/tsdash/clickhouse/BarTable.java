package io.tsdash.clickhouse;

import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.store.BarRange;
import io.tsdash.store.DistinctBars;
import io.tsdash.time.TimeSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The bars that were written: of each identity the one with the highest revision, and of two of one revision the later.
 *
 * <p>Revision and order of writing are one number, by which the engine's merges choose. A retracted bar stays as a row, so
 * that an older revision that comes late does not bring it back. Thread-safe.
 */
final class BarTable {
    private static final int PAGE_ROWS_MAX = 50_000;
    private static final int SPARE_ROWS = 50;
    private static final String COLUMNS =
            "open_time, close_time, open, high, low, close, volume, notional, trade_count,"
                    + " first_event, last_event, revision, state";

    private final Connection server;
    private final TimeSource time;
    private final AtomicLong written = new AtomicLong();

    BarTable(Connection server, TimeSource time) {
        this.server = server;
        this.time = time;
    }

    void upsert(List<Bar> batch) {
        List<Bar> distinct = DistinctBars.of(batch);
        distinct.stream().map(Bar::symbol).distinct().forEach(RowBinary::utf8); // refused before anything is sent
        server.insert(Tables.BARS, Tables.BAR_COLUMNS, rows -> {
            for (Bar bar : distinct) {
                rows.string(bar.symbol())
                        .string(bar.interval().text())
                        .int64(bar.openTimeNanos())
                        .int64(bar.closeTimeNanos())
                        .float64(bar.open())
                        .float64(bar.high())
                        .float64(bar.low())
                        .float64(bar.close())
                        .float64(bar.volume())
                        .float64(bar.notional())
                        .int64(bar.tradeCount())
                        .int64(bar.firstEventNanos())
                        .int64(bar.lastEventNanos())
                        .int32(bar.revision())
                        .uint8(bar.state().code())
                        // The low half of the version is when it was written, the high half the revision.
                        .int64(written.updateAndGet(last -> Math.max(last + 1, time.epochNanos())))
                        .int64(bar.revision());
            }
        });
    }

    /** Returns bars in order of open time. */
    List<Bar> read(BarRange range) {
        List<Bar> bars = new ArrayList<>();
        long fromNanos = range.fromNanos();
        long toNanos = range.toNanos();
        boolean more = true;
        while (more && bars.size() < range.limit()) {
            int rowsMax = Math.min(PAGE_ROWS_MAX, Math.min(range.limit() - bars.size(), PAGE_ROWS_MAX) + SPARE_ROWS);
            Page page = page(range, fromNanos, toNanos, rowsMax);
            for (Bar bar : page.highest()) {
                if (range.newestFirst()) {
                    toNanos = bar.openTimeNanos();
                } else {
                    fromNanos = bar.openTimeNanos() + 1;
                }
                if (bars.size() < range.limit() && !bar.isRetracted()) {
                    bars.add(bar);
                }
            }
            more = page.rows() == rowsMax;
        }
        if (range.newestFirst()) {
            Collections.reverse(bars);
        }
        return bars;
    }

    private record Page(int rows, List<Bar> highest) {}

    private Page page(BarRange range, long fromNanos, long toNanos, int rowsMax) {
        String sql = "SELECT " + COLUMNS + " FROM " + Tables.BARS
                + " WHERE symbol = {symbol:String} AND bar_interval = {interval:String} AND open_time >= "
                + Sql.time(fromNanos) + " AND open_time < " + Sql.time(toNanos) + " ORDER BY open_time"
                + (range.newestFirst() ? " DESC" : "") + ", version DESC LIMIT " + rowsMax + Queries.FEW_ROWS;
        Map<String, Object> parameters =
                Map.of("symbol", range.symbol(), "interval", range.interval().text());
        return server.query(sql, parameters, rows -> {
            List<Bar> highest = new ArrayList<>();
            int count = 0;
            while (rows.next()) {
                Bar bar = bar(range, rows);
                count++;
                if (highest.isEmpty() || highest.get(highest.size() - 1).openTimeNanos() != bar.openTimeNanos()) {
                    highest.add(bar);
                }
            }
            return new Page(count, highest);
        });
    }

    private static Bar bar(BarRange range, Rows rows) throws IOException {
        return new Bar(
                range.symbol(),
                range.interval(),
                rows.int64(),
                rows.int64(),
                rows.float64(),
                rows.float64(),
                rows.float64(),
                rows.float64(),
                rows.float64(),
                rows.float64(),
                rows.int64(),
                rows.int64(),
                rows.int64(),
                rows.int32(),
                BarState.ofCode(rows.uint8()));
    }
}
