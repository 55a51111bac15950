package io.tsdash.kafka.format;

import io.tsdash.model.Quote;
import java.io.IOException;

/** The fields of a quote. */
final class QuoteShape {
    private static final Fields FIELDS = new Fields(
            "quote", "symbol", "eventTimeNanos", "receiveTimeNanos", "sequence", "bid", "ask", "bidSize", "askSize");
    private static final int IDENTITY = Fields.bit(1) | Fields.bit(2) | Fields.bit(4);

    private QuoteShape() {}

    static void write(Quote quote, FieldWriter out) {
        out.begin(FIELDS);
        out.text(1, quote.symbol());
        out.integer(2, quote.eventTimeNanos());
        if (quote.receiveTimeNanos() != quote.eventTimeNanos()) {
            out.integer(3, quote.receiveTimeNanos());
        }
        out.integer(4, quote.sequence());
        out.number(5, quote.bid());
        out.number(6, quote.ask());
        out.number(7, quote.bidSize());
        out.number(8, quote.askSize());
        out.end();
    }

    static Quote read(FieldReader in) throws IOException {
        String symbol = "";
        long eventTimeNanos = 0;
        long receiveTimeNanos = 0;
        long sequence = 0;
        double bid = Double.NaN;
        double ask = Double.NaN;
        double bidSize = Double.NaN;
        double askSize = Double.NaN;
        int seen = 0;
        in.begin(FIELDS);
        for (int field = in.next(); field != 0; field = in.next()) {
            seen |= Fields.bit(field);
            switch (field) {
                case 1 -> symbol = in.text();
                case 2 -> eventTimeNanos = in.integer();
                case 3 -> receiveTimeNanos = in.integer();
                case 4 -> sequence = in.integer();
                case 5 -> bid = in.number();
                case 6 -> ask = in.number();
                case 7 -> bidSize = in.number();
                default -> askSize = in.number();
            }
        }
        FIELDS.require(seen, IDENTITY);
        return new Quote(
                symbol,
                eventTimeNanos,
                (seen & Fields.bit(3)) == 0 ? eventTimeNanos : receiveTimeNanos,
                sequence,
                bid,
                ask,
                bidSize,
                askSize);
    }
}
