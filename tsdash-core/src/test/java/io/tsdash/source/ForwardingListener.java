package io.tsdash.source;

import io.tsdash.model.Quote;
import io.tsdash.model.Trade;

/** Passes everything on, and does something of its own after each event. */
record ForwardingListener(FeedListener target, Runnable afterEvent) implements FeedListener {
    @Override
    public void onTrade(Trade trade) {
        target.onTrade(trade);
        afterEvent.run();
    }

    @Override
    public void onQuote(Quote quote) {
        target.onQuote(quote);
        afterEvent.run();
    }

    @Override
    public void onGap(Gap gap) {
        target.onGap(gap);
    }

    @Override
    public void onState(ConnectionState state, String reason) {
        target.onState(state, reason);
    }

    @Override
    public void onRefused(Refused refused) {
        target.onRefused(refused);
    }
}
