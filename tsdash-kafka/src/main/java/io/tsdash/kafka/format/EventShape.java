package io.tsdash.kafka.format;

import io.tsdash.error.InvalidInputException;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Quote;
import io.tsdash.model.Trade;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An event is a record with one field, which says whether it is a trade or a quote. */
final class EventShape implements Shape<MarketEvent> {
    private static final Fields FIELDS = new Fields("event", "trade", "quote");
    private static final int TRADE = 1;
    private static final int QUOTE = 2;

    @Override
    public void write(MarketEvent event, FieldWriter out) {
        out.begin(FIELDS);
        if (event instanceof Trade trade) {
            out.nested(TRADE);
            TradeShape.write(trade, out);
        } else if (event instanceof Quote quote) {
            out.nested(QUOTE);
            QuoteShape.write(quote, out);
        }
        out.end();
    }

    @Override
    public MarketEvent read(FieldReader in) throws IOException {
        MarketEvent event = null;
        in.begin(FIELDS);
        for (int field = in.next(); field != 0; field = in.next()) {
            once(event);
            event = field == TRADE ? TradeShape.read(in) : QuoteShape.read(in);
        }
        if (event == null) {
            throw new InvalidInputException("event was empty but it must hold a trade or a quote");
        }
        return event;
    }

    private static void once(@Nullable MarketEvent event) {
        if (event != null) {
            throw new InvalidInputException("event held more than one trade or quote but it must hold one");
        }
    }
}
