package io.tsdash.influx;

import io.tsdash.influx.InfluxDialect.Policy;
import io.tsdash.model.Trade;
import io.tsdash.store.TradeRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads trades, page by page. Thread-safe. */
final class TradeReader {
    private static final int PAGE_ROWS = 9_000;

    private final InfluxConnection connection;
    private final String from;

    TradeReader(InfluxConnection connection) {
        this.connection = connection;
        this.from = " FROM " + connection.dialect().from(Policy.TRADES, TradePoints.MEASUREMENT);
    }

    /** Hands out trades in order; see {@link io.tsdash.store.MarketStore#trades}. */
    long trades(TradeRange range, Consumer<? super Trade> consumer) {
        long fromNanos = Math.max(0, range.fromNanos());
        if (range.toNanos() <= fromNanos) {
            return 0;
        }
        long lastNanos = Math.min(range.toNanos() - 1, lastEventNanos());
        long pointNanos = TradePoints.groupNanos(fromNanos);
        long endNanos = TradePoints.groupNanos(lastNanos) + TradePoints.NANOS_PER_MICROSECOND - 1;
        long count = 0;
        while (pointNanos <= endNanos) {
            // A group may be cut off by the limit and what precedes the start within its microsecond: hence one group
            // more.
            int rows = (int) Math.min(PAGE_ROWS, range.limit() - count) + TradeGroup.SLOTS_MAX + 1;
            List<@Nullable Object[]> page = page(range.symbol(), pointNanos, endNanos, rows);
            int whole = page.size() < rows ? page.size() : withoutLastGroup(page);
            for (@Nullable Object[] row : page.subList(0, whole)) {
                if (!Series.isWhole(row)) {
                    continue; // it is being written, and not acknowledged
                }
                Trade trade = TradePoints.trade(range.symbol(), row);
                if (isWanted(trade, range)) {
                    consumer.accept(trade);
                    if (++count == range.limit()) {
                        return count;
                    }
                }
            }
            if (page.size() < rows) {
                return count;
            }
            pointNanos =
                    TradePoints.groupNanos(Series.whole(page.get(whole - 1), 0)) + TradePoints.NANOS_PER_MICROSECOND;
        }
        return count;
    }

    /** Returns the last trade that sets prices. */
    Optional<Trade> last(String symbol) {
        Series series = connection.rows("SELECT " + TradePoints.COLUMNS + from + " WHERE " + is(symbol)
                + " AND \"priced\" = 1 ORDER BY time DESC LIMIT 1");
        return series.rows().stream()
                .filter(Series::isWhole)
                .map(row -> TradePoints.trade(symbol, row))
                .findFirst();
    }

    /** Returns the latest event time whose point InfluxDB can still place. */
    static long lastEventNanos() {
        return TradePoints.groupNanos(InfluxConnection.TIME_NANOS_MAX) - 1;
    }

    /** Returns the statement for all points between two times, both inclusive. */
    String statement(String symbol, long fromNanos, long endNanos) {
        return "SELECT " + TradePoints.COLUMNS + from + " WHERE " + is(symbol) + " AND time >= " + fromNanos
                + " AND time <= " + endNanos;
    }

    static String is(String symbol) {
        return "\"symbol\" = " + SymbolTag.quoted(SymbolTag.encode(symbol));
    }

    private List<@Nullable Object[]> page(String symbol, long fromNanos, long endNanos, int rows) {
        return connection
                .rows(statement(symbol, fromNanos, endNanos) + " ORDER BY time ASC LIMIT " + rows)
                .rows();
    }

    /** Returns how many rows there are without the last microsecond's, which may go on; a page is longer than a group. */
    private static int withoutLastGroup(List<@Nullable Object[]> page) {
        long last = TradePoints.groupNanos(Series.whole(page.get(page.size() - 1), 0));
        int whole = page.size();
        while (whole > 0 && TradePoints.groupNanos(Series.whole(page.get(whole - 1), 0)) == last) {
            whole--;
        }
        return whole;
    }

    private static boolean isWanted(Trade trade, TradeRange range) {
        long event = trade.eventTimeNanos();
        if (event < range.fromNanos() || event >= range.toNanos() || (trade.cancelled() && !range.withCancels())) {
            return false;
        }
        return event > range.fromNanos()
                || range.afterSequence() == Long.MIN_VALUE
                || trade.sequence() > range.afterSequence();
    }

    /** Reads all points of some microseconds, in few statements. */
    List<Found> lookUp(List<Wanted> wanted) {
        List<String> statements = new ArrayList<>(wanted.size());
        wanted.forEach(range -> statements.add(statement(range.symbol(), range.fromNanos(), range.endNanos())));
        List<Found> found = new ArrayList<>();
        List<List<Series>> answers = connection.query(statements);
        for (int i = 0; i < answers.size(); i++) {
            for (Series series : answers.get(i)) {
                for (@Nullable Object[] row : series.rows()) {
                    if (Series.isWhole(row)) {
                        found.add(new Found(
                                Series.whole(row, 0),
                                TradePoints.trade(wanted.get(i).symbol(), row)));
                    }
                }
            }
        }
        return found;
    }

    /** Returns all points of one microsecond, of all symbols. */
    List<Found> within(long groupNanos) {
        List<Found> found = new ArrayList<>();
        List<List<Series>> answers = connection.query(List.of("SELECT " + TradePoints.COLUMNS + from
                + " WHERE time >= " + groupNanos + " AND time < " + (groupNanos + TradePoints.NANOS_PER_MICROSECOND)
                + " GROUP BY \"symbol\""));
        for (Series series : answers.get(0)) {
            String symbol = SymbolTag.decode(series.tags().getOrDefault("symbol", ""));
            for (@Nullable Object[] row : series.rows()) {
                if (Series.isWhole(row)) {
                    found.add(new Found(Series.whole(row, 0), TradePoints.trade(symbol, row)));
                }
            }
        }
        return found;
    }

    /** Points of a symbol between two times, both inclusive. */
    record Wanted(String symbol, long fromNanos, long endNanos) {}

    /** A trade and the time of its point. */
    record Found(long pointNanos, Trade trade) {}
}
