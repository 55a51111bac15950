package io.tsdash.influx;

import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import org.jspecify.annotations.Nullable;

/**
 * Trades as points: measurement {@code trade}, a tag for the symbol, the same fields on every point.
 *
 * <p>A point's time is the event time, down to the microsecond, plus a slot of 0 to 999, in order of (event time,
 * sequence): so no two trades share a point, and first and last go by the order of trades. The exact event time is a
 * field. What sums need is 0 where a trade does not count, so a cancel takes a trade back by overwriting its point.
 */
final class TradePoints {
    static final String MEASUREMENT = "trade";
    static final long NANOS_PER_MICROSECOND = 1_000;

    /** The columns that {@link #trade} reads, after the time. */
    static final String COLUMNS =
            "\"event\", \"sequence\", \"version\", \"price\", \"volume\", \"flags\", \"received\"";

    /** Beyond this a sum of a few would be infinite, which InfluxDB cannot say. */
    static final double SUMMAND_MAX = 1e290;

    private static final int SETS_PRICE = 1;
    private static final int COUNTS_VOLUME = 2;
    private static final int BUY = 4;
    private static final int SELL = 8;

    private TradePoints() {}

    /** Returns the microsecond of an event time, as the time of its first slot. */
    static long groupNanos(long eventTimeNanos) {
        return eventTimeNanos - eventTimeNanos % NANOS_PER_MICROSECOND;
    }

    static void append(LineBuffer lines, byte[] symbolTag, Trade trade, long pointNanos) {
        boolean counts = trade.countsVolume() && !trade.cancelled();
        boolean prices = trade.setsPrice() && !trade.cancelled();
        lines.begin(MEASUREMENT)
                .tag("symbol", symbolTag)
                .field("price", trade.price())
                .field("volume", trade.volume())
                .field("counted_volume", counts ? trade.volume() : 0)
                .field("counted_notional", counts ? trade.price() * trade.volume() : 0)
                .field("counted", counts || prices ? 1 : 0)
                .field("priced", prices ? 1 : 0)
                .field("flags", flags(trade))
                .field("version", trade.version())
                .field("sequence", trade.sequence())
                .field("event", trade.eventTimeNanos())
                .field("received", trade.receiveTimeNanos())
                .end(pointNanos);
    }

    /** Returns the trade of a row of time and {@link #COLUMNS}. */
    static Trade trade(String symbol, @Nullable Object[] row) {
        int flags = (int) Series.whole(row, 6);
        return new Trade(
                symbol,
                Series.whole(row, 1),
                Series.whole(row, 7),
                Series.whole(row, 2),
                Series.number(row, 4),
                Series.number(row, 5),
                (flags & BUY) != 0 ? Side.BUY : (flags & SELL) != 0 ? Side.SELL : Side.UNKNOWN,
                (flags & SETS_PRICE) != 0,
                (flags & COUNTS_VOLUME) != 0,
                (int) Series.whole(row, 3));
    }

    private static long flags(Trade trade) {
        int side = switch (trade.side()) {
            case BUY -> BUY;
            case SELL -> SELL;
            case UNKNOWN -> 0;
        };
        return side | (trade.setsPrice() ? SETS_PRICE : 0) | (trade.countsVolume() ? COUNTS_VOLUME : 0);
    }
}
