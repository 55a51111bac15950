package io.tsdash.distribution;

import io.tsdash.delta.RecordBuffer;
import io.tsdash.model.PriceUpdate;
import io.tsdash.model.Quote;
import io.tsdash.model.Trade;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** One symbol's price row and what it is made from. Owned by the hub's thread. */
final class PriceRow {
    private static final int TIME = 1;
    private static final int BID = 2;
    private static final int ASK = 3;
    private static final int BID_SIZE = 4;
    private static final int ASK_SIZE = 5;
    private static final int PRICE = 6;
    private static final int SIZE = 7;
    private static final int SIDE = 8;
    private static final int VOLUME = 9;
    private static final int OPEN = 10;
    private static final int STALE = 11;

    private final String symbol;
    private final StateChannel channel;
    private final RecordBuffer row;
    private final TradeTape tape;
    private long newestNanos = Long.MIN_VALUE;
    private long quoteNanos = Long.MIN_VALUE;
    private long quoteSequence;

    PriceRow(String symbol, StateChannel channel, RecordBuffer row, int tradesMax) {
        this.symbol = symbol;
        this.channel = channel;
        this.row = row;
        this.tape = new TradeTape(tradesMax);
    }

    /**
     * Goes on from trades that are in the log and from the row as it stands. The row of a trade does not say whether it set
     * the price: those that came after the one that the row shows did not.
     */
    void goOnFrom(LogChannel trades) {
        if (trades.sequence() == 0) {
            return;
        }
        List<Trade> known = new ArrayList<>();
        trades.visitNewest(trades.rowsMax(), (each, fields, removed) -> known.add(MarketSchemas.trade(symbol, each)));
        known.sort(Comparator.comparingLong(Trade::eventTimeNanos).thenComparingLong(Trade::sequence));
        int last = known.size() - 1;
        while (last >= 0 && !isShown(known.get(last))) {
            last--;
        }
        for (int i = 0; i < known.size(); i++) {
            tape.add(i <= last ? known.get(i) : withoutEffect(known.get(i)));
        }
        if (row.isPresent(OPEN) && row.isPresent(VOLUME)) {
            tape.goOnWithDay(row.getDouble(OPEN), row.getDouble(VOLUME));
        }
        if (row.isPresent(TIME)) {
            newestNanos = row.getLong(TIME);
        }
    }

    private boolean isShown(Trade trade) {
        return row.isPresent(PRICE) && row.getDouble(PRICE) == trade.price() && row.getDouble(SIZE) == trade.volume();
    }

    private static Trade withoutEffect(Trade trade) {
        return new Trade(
                trade.symbol(),
                trade.eventTimeNanos(),
                trade.receiveTimeNanos(),
                trade.sequence(),
                trade.price(),
                trade.volume(),
                trade.side(),
                false,
                false,
                trade.version());
    }

    TradeTape.Outcome add(Trade trade) {
        TradeTape.Outcome outcome = tape.add(trade);
        if (outcome == TradeTape.Outcome.TAKEN) {
            row.setDouble(PRICE, tape.price());
            if (Double.isNaN(tape.price())) {
                row.clear(SIZE);
                row.clear(SIDE);
            } else {
                row.setDouble(SIZE, tape.size());
                MarketSchemas.setSide(row, SIDE, tape.side());
            }
            row.setDouble(OPEN, tape.open());
            row.setDouble(VOLUME, tape.volume());
            seen(trade.eventTimeNanos());
        }
        return outcome;
    }

    /** Takes a quote, unless a newer one was there. */
    void add(Quote quote) {
        boolean newer = quote.eventTimeNanos() > quoteNanos
                || (quote.eventTimeNanos() == quoteNanos && quote.sequence() > quoteSequence);
        if (newer || quoteNanos == Long.MIN_VALUE) {
            quoteNanos = quote.eventTimeNanos();
            quoteSequence = quote.sequence();
            row.setDouble(BID, quote.bid());
            row.setDouble(ASK, quote.ask());
            row.setDouble(BID_SIZE, quote.bidSize());
            row.setDouble(ASK_SIZE, quote.askSize());
            seen(quote.eventTimeNanos());
        }
    }

    /** Takes a price from elsewhere, if this one is neither live nor newer. */
    void lastKnown(PriceUpdate price) {
        if (MarketSchemas.isStale(row) && price.eventTimeNanos() > newestNanos) {
            row.setDouble(PRICE, price.price());
            row.setDouble(SIZE, price.size());
            MarketSchemas.setSide(row, SIDE, price.side());
            seen(price.eventTimeNanos());
        }
    }

    void stale(boolean stale) {
        row.setBoolean(STALE, stale);
        channel.commit(symbol);
    }

    void whenWritten(Runnable task) {
        channel.whenWritten(task);
    }

    private void seen(long eventTimeNanos) {
        if (eventTimeNanos > newestNanos) {
            newestNanos = eventTimeNanos;
            row.setLong(TIME, eventTimeNanos);
        }
        channel.commit(symbol);
    }
}
