package io.tsdash.kafka.format;

import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import java.io.IOException;

/** The fields of a trade. What is usual is left out: flags that are true, version 0, side unknown. */
final class TradeShape {
    private static final Fields FIELDS = new Fields(
            "trade",
            "symbol",
            "eventTimeNanos",
            "receiveTimeNanos",
            "sequence",
            "price",
            "volume",
            "side",
            "setsPrice",
            "countsVolume",
            "version");
    private static final int IDENTITY = Fields.bit(1) | Fields.bit(2) | Fields.bit(4);
    private static final int VALUES = Fields.bit(5) | Fields.bit(6);

    private TradeShape() {}

    static void write(Trade trade, FieldWriter out) {
        out.begin(FIELDS);
        out.text(1, trade.symbol());
        out.integer(2, trade.eventTimeNanos());
        if (trade.receiveTimeNanos() != trade.eventTimeNanos()) {
            out.integer(3, trade.receiveTimeNanos());
        }
        out.integer(4, trade.sequence());
        out.number(5, trade.price());
        out.number(6, trade.volume());
        if (trade.side() != Side.UNKNOWN) {
            out.text(7, trade.side().name());
        }
        if (!trade.setsPrice()) {
            out.flag(8, false);
        }
        if (!trade.countsVolume()) {
            out.flag(9, false);
        }
        if (trade.version() != 0) {
            out.integer(10, trade.version());
        }
        out.end();
    }

    static Trade read(FieldReader in) throws IOException {
        String symbol = "";
        long eventTimeNanos = 0;
        long receiveTimeNanos = 0;
        long sequence = 0;
        double price = 0;
        double volume = 0;
        Side side = Side.UNKNOWN;
        boolean setsPrice = true;
        boolean countsVolume = true;
        int version = 0;
        int seen = 0;
        in.begin(FIELDS);
        for (int field = in.next(); field != 0; field = in.next()) {
            seen |= Fields.bit(field);
            switch (field) {
                case 1 -> symbol = in.text();
                case 2 -> eventTimeNanos = in.integer();
                case 3 -> receiveTimeNanos = in.integer();
                case 4 -> sequence = in.integer();
                case 5 -> price = in.number();
                case 6 -> volume = in.number();
                case 7 -> side = side(in.text());
                case 8 -> setsPrice = in.flag();
                case 9 -> countsVolume = in.flag();
                default -> version = Numbers.int32(FIELDS, 10, in.integer());
            }
        }
        FIELDS.require(seen, version == Trade.CANCELLED ? IDENTITY : IDENTITY | VALUES);
        return new Trade(
                symbol,
                eventTimeNanos,
                (seen & Fields.bit(3)) == 0 ? eventTimeNanos : receiveTimeNanos,
                sequence,
                price,
                volume,
                side,
                setsPrice,
                countsVolume,
                version);
    }

    private static Side side(String text) {
        return switch (text) {
            case "BUY" -> Side.BUY;
            case "SELL" -> Side.SELL;
            case "UNKNOWN" -> Side.UNKNOWN;
            default -> throw FIELDS.refused(7, text, "must be BUY, SELL or UNKNOWN");
        };
    }
}
