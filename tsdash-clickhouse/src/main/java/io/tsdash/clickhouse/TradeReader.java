package io.tsdash.clickhouse;

import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import io.tsdash.store.TradeRange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads trades in pages, each read whole before it is handed out: so a slow consumer holds no connection, and memory is
 * bounded.
 *
 * <p>A page comes in the order of the table's key, all versions of an identity together with the highest first. That is
 * cheaper than to let the engine merge versions, since few trades have two. Thread-safe.
 */
final class TradeReader {
    private static final int PAGE_ROWS_MAX = 50_000;
    /** Room in a page for other versions and cancels, so that a small limit is mostly one query. */
    private static final int SPARE_ROWS = 50;

    private static final String COLUMNS = "ts, seq, received, price, volume, side, sets_price, counts_volume, version";

    private final Connection server;

    TradeReader(Connection server) {
        this.server = server;
    }

    /** Hands out trades in order; returns how many. */
    long read(TradeRange range, Consumer<? super Trade> consumer) {
        long count = 0;
        long fromNanos = range.fromNanos();
        long afterSequence = range.afterSequence();
        boolean more = true;
        while (more && count < range.limit()) {
            int rowsMax = (int) Math.min(PAGE_ROWS_MAX, Math.min(range.limit() - count, PAGE_ROWS_MAX) + SPARE_ROWS);
            Page page = page(
                    range.symbol(),
                    "ts >= " + Sql.time(fromNanos) + " AND ts < " + Sql.time(range.toNanos())
                            + (afterSequence == Long.MIN_VALUE
                                    ? ""
                                    : " AND (ts > " + Sql.time(fromNanos) + " OR seq > " + afterSequence + ")"),
                    "",
                    rowsMax);
            for (Trade trade : page.highest()) {
                fromNanos = trade.eventTimeNanos();
                afterSequence = trade.sequence();
                if (count < range.limit() && (range.withCancels() || !trade.cancelled())) {
                    consumer.accept(trade);
                    count++;
                }
            }
            more = page.rows() == rowsMax;
        }
        return count;
    }

    /** Returns the last trade that may set prices. */
    Optional<Trade> last(String symbol) {
        int rowsMax = SPARE_ROWS;
        String before = "ts <= " + Sql.time(Long.MAX_VALUE);
        while (true) {
            Page page = page(symbol, before, " DESC", rowsMax);
            Trade last = null;
            for (Trade trade : page.highest()) {
                if (trade.setsPrice() && !trade.cancelled()) {
                    return Optional.of(trade);
                }
                last = trade;
            }
            if (last == null || page.rows() < rowsMax) {
                return Optional.empty();
            }
            String time = Sql.time(last.eventTimeNanos());
            before = "ts <= " + time + " AND (ts < " + time + " OR seq < " + last.sequence() + ")";
            rowsMax = Math.min(PAGE_ROWS_MAX, rowsMax * 10);
        }
    }

    /**
     * A page.
     *
     * @param rows how many rows it had
     * @param highest the highest version of each identity
     */
    private record Page(int rows, List<Trade> highest) {}

    private Page page(String symbol, String condition, String direction, int rowsMax) {
        String sql = "SELECT " + COLUMNS + " FROM " + Tables.TRADES + " WHERE symbol = {symbol:String} AND " + condition
                + " ORDER BY ts" + direction + ", seq" + direction + ", version DESC LIMIT " + rowsMax
                + Queries.FEW_ROWS;
        return server.query(sql, Map.of("symbol", symbol), rows -> {
            List<Trade> highest = new ArrayList<>();
            int count = 0;
            while (rows.next()) {
                Trade trade = trade(symbol, rows);
                count++;
                Trade before = highest.isEmpty() ? null : highest.get(highest.size() - 1);
                if (before == null
                        || before.eventTimeNanos() != trade.eventTimeNanos()
                        || before.sequence() != trade.sequence()) {
                    highest.add(trade);
                }
            }
            return new Page(count, highest);
        });
    }

    private static Trade trade(String symbol, Rows rows) throws IOException {
        long eventTimeNanos = rows.int64();
        long sequence = rows.int64();
        return new Trade(
                symbol,
                eventTimeNanos,
                rows.int64(),
                sequence,
                rows.float64(),
                rows.float64(),
                Side.ofCode(rows.uint8()),
                rows.bool(),
                rows.bool(),
                rows.int32());
    }
}
