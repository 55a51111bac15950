package io.tsdash.examples.server;

import io.tsdash.model.Trade;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.Feed;
import io.tsdash.source.FeedListener;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Delivers what a test sends, on the test's thread. */
final class SentFeed implements Feed {
    private volatile @Nullable FeedListener listener;

    @Override
    public String name() {
        return "sent";
    }

    @Override
    public void start(FeedListener value) {
        listener = value;
        value.onState(ConnectionState.LIVE, "");
    }

    void send(Trade trade) {
        Objects.requireNonNull(listener).onTrade(trade);
    }

    @Override
    public void close() {}
}
