package io.tsdash.distribution;

import io.tsdash.delta.Field;
import io.tsdash.delta.FieldKind;
import io.tsdash.delta.RecordBuffer;
import io.tsdash.delta.RecordSchema;
import io.tsdash.model.Bar;
import io.tsdash.model.PriceUpdate;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import java.util.Optional;

/** The rows of the market's channels and how values fill them; {@code docs/protocol.md} section 2 lists them. */
public final class MarketSchemas {
    /** A row of {@code prices}; what changes most comes first, for its mask to be short. */
    public static final RecordSchema PRICE = RecordSchema.of(
            text("symbol"),
            time("time"),
            number("bid"),
            number("ask"),
            number("bidSize"),
            number("askSize"),
            number("price"),
            number("size"),
            Field.text("side", "BUY", "SELL"),
            number("volume"),
            number("open"),
            Field.of("stale", FieldKind.BOOLEAN));

    /** A row of {@code bars}. */
    public static final RecordSchema BAR = RecordSchema.of(
            time("openTime"),
            time("closeTime"),
            number("open"),
            number("high"),
            number("low"),
            number("close"),
            number("volume"),
            number("vwap"),
            count("trades"),
            count("revision"),
            Field.text("state", "OPEN", "CLOSED", "REVISED"));

    /** A row of {@code trades}. */
    public static final RecordSchema TRADE = RecordSchema.of(
            time("time"),
            Field.of("id", FieldKind.ID),
            number("price"),
            number("volume"),
            Field.text("side", "BUY", "SELL"),
            Field.of("version", FieldKind.VERSION));

    static final RecordSchema STATUS = RecordSchema.of(
            text("name"),
            Field.text("state", "LIVE", "CONNECTING", "DOWN", "ENDED"),
            time("since"),
            text("reason"),
            count("lagMillis"),
            count("gaps"),
            count("late"),
            count("duplicates"),
            count("refused"),
            Field.of("stale", FieldKind.BOOLEAN));
    static final RecordSchema NEWS =
            RecordSchema.of(time("time"), text("title"), text("text"), Field.of("symbols", FieldKind.TEXTS));
    static final RecordSchema ALERT = RecordSchema.of(
            time("time"), Field.text("severity", "INFO", "WARNING", "CRITICAL"), text("code"), text("text"));

    private static final int PRICE_TIME = 1;
    private static final int BID = 2;
    private static final int ASK = 3;
    private static final int VOLUME = 9;
    private static final int TRADE_TIME = 0;
    private static final int STALE = 11;

    private MarketSchemas() {}

    /** Returns where rows of a channel have the time of the trade or quote that changed them; -1 where they have none. */
    static int eventTimeField(String channel) {
        if (channel.startsWith("prices:")) {
            return PRICE_TIME;
        }
        return channel.startsWith("trades:") ? TRADE_TIME : -1;
    }

    /** Fills a row of {@link #PRICE}. */
    public static void fill(RecordBuffer row, PriceUpdate price, boolean stale) {
        row.setText(0, price.symbol());
        row.setLong(1, price.eventTimeNanos());
        row.setDouble(2, price.bid());
        row.setDouble(3, price.ask());
        row.setDouble(4, price.bidSize());
        row.setDouble(5, price.askSize());
        row.setDouble(6, price.price());
        row.setDouble(7, price.size());
        setSide(row, 8, price.side());
        row.setDouble(9, price.volume());
        row.setDouble(10, price.open());
        row.setBoolean(STALE, stale);
    }

    /** Returns what a row of {@link #PRICE} says; empty when nothing has happened yet. */
    static Optional<PriceUpdate> price(RecordBuffer row) {
        return row.isPresent(1)
                ? Optional.of(new PriceUpdate(
                        row.getText(0),
                        row.getLong(1),
                        number(row, 6),
                        number(row, 7),
                        row.isPresent(8) ? Side.valueOf(row.getText(8)) : Side.UNKNOWN,
                        number(row, 10),
                        number(row, 9),
                        number(row, 2),
                        number(row, 3),
                        number(row, 4),
                        number(row, 5)))
                : Optional.empty();
    }

    /**
     * Returns whether a feed has brought something of a row of {@link #PRICE}: a trade, with which volume comes, or a quote. A price that
     * is known from elsewhere has neither.
     */
    static boolean isOfAFeed(RecordBuffer row) {
        return row.isPresent(BID) || row.isPresent(ASK) || row.isPresent(VOLUME);
    }

    /** Returns whether a row of {@link #PRICE} is marked as stale. */
    static boolean isStale(RecordBuffer row) {
        return row.isPresent(STALE) && row.getBoolean(STALE);
    }

    private static double number(RecordBuffer row, int field) {
        return row.isPresent(field) ? row.getDouble(field) : Double.NaN;
    }

    /** Fills a row of {@link #BAR}. */
    public static void fill(RecordBuffer row, Bar bar) {
        row.setLong(0, bar.openTimeNanos());
        row.setLong(1, bar.closeTimeNanos());
        row.setDouble(2, bar.open());
        row.setDouble(3, bar.high());
        row.setDouble(4, bar.low());
        row.setDouble(5, bar.close());
        row.setDouble(6, bar.volume());
        row.setDouble(7, bar.vwap());
        row.setLong(8, bar.tradeCount());
        row.setLong(9, bar.revision());
        row.setText(10, bar.state().name());
    }

    /** Fills a row of {@link #TRADE}. */
    public static void fill(RecordBuffer row, Trade trade) {
        row.setLong(0, trade.eventTimeNanos());
        row.setLong(1, trade.sequence());
        row.setDouble(2, trade.price());
        row.setDouble(3, trade.volume());
        setSide(row, 4, trade.side());
        if (trade.version() == 0) {
            row.clear(5);
        } else {
            row.setLong(5, trade.version());
        }
    }

    /** Returns the trade of a row of {@link #TRADE}, as one that counts for all. */
    static Trade trade(String symbol, RecordBuffer row) {
        return new Trade(
                symbol,
                row.getLong(0),
                row.getLong(0),
                row.getLong(1),
                row.getDouble(2),
                row.getDouble(3),
                row.isPresent(4) ? Side.valueOf(row.getText(4)) : Side.UNKNOWN,
                true,
                true,
                row.isPresent(5) ? (int) row.getLong(5) : 0);
    }

    static void fill(RecordBuffer row, PartStatus status) {
        row.setText(0, status.name());
        row.setText(1, status.state().name());
        row.setLong(2, status.sinceNanos());
        if (status.reason().isEmpty()) {
            row.clear(3);
        } else {
            row.setText(3, status.reason());
        }
        row.setLong(4, status.lagMillis());
        row.setLong(5, status.gaps());
        row.setLong(6, status.late());
        row.setLong(7, status.duplicates());
        row.setLong(8, status.refused());
        row.setBoolean(9, status.stale());
    }

    static void fill(RecordBuffer row, NewsItem item) {
        row.setLong(0, item.timeNanos());
        row.setText(1, item.title());
        row.setText(2, item.text());
        row.setTexts(3, item.symbols());
    }

    static void fill(RecordBuffer row, Alert alert) {
        row.setLong(0, alert.timeNanos());
        row.setText(1, alert.severity().name());
        row.setText(2, alert.code());
        row.setText(3, alert.text());
    }

    static void setSide(RecordBuffer row, int field, Side side) {
        if (side == Side.UNKNOWN) {
            row.clear(field);
        } else {
            row.setText(field, side.name());
        }
    }

    private static Field text(String name) {
        return Field.of(name, FieldKind.TEXT);
    }

    private static Field number(String name) {
        return Field.of(name, FieldKind.DOUBLE);
    }

    private static Field count(String name) {
        return Field.of(name, FieldKind.LONG);
    }

    private static Field time(String name) {
        return Field.of(name, FieldKind.TIME);
    }
}
