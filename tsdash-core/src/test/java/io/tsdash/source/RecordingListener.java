package io.tsdash.source;

import io.tsdash.model.MarketEvent;
import io.tsdash.model.Quote;
import io.tsdash.model.Trade;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Keeps all that a feed says. */
final class RecordingListener implements FeedListener {
    final List<MarketEvent> events = Collections.synchronizedList(new ArrayList<>());
    final List<Refused> refused = new CopyOnWriteArrayList<>();
    final List<String> states = new CopyOnWriteArrayList<>();
    private final CountDownLatch over = new CountDownLatch(1);

    @Override
    public void onTrade(Trade trade) {
        events.add(trade);
    }

    @Override
    public void onQuote(Quote quote) {
        events.add(quote);
    }

    @Override
    public void onGap(Gap gap) {
        throw new AssertionError("no gap can come of this feed: " + gap);
    }

    @Override
    public void onState(ConnectionState state, String reason) {
        states.add(state + " " + reason);
        if (state == ConnectionState.ENDED || state == ConnectionState.DOWN) {
            over.countDown();
        }
    }

    @Override
    public void onRefused(Refused row) {
        refused.add(row);
    }

    void awaitEnd() throws InterruptedException {
        if (!over.await(30, TimeUnit.SECONDS)) {
            throw new AssertionError("the feed did not end; it said " + states);
        }
    }
}
