package io.tsdash.observability.trace;

import io.tsdash.model.Trade;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.Feed;
import io.tsdash.source.FeedListener;
import java.util.List;

/** Delivers a list at once, on the caller's thread. */
record ListFeed(List<Trade> trades) implements Feed {
    @Override
    public String name() {
        return "list";
    }

    @Override
    public void start(FeedListener listener) {
        listener.onState(ConnectionState.LIVE, "");
        trades.forEach(listener::onTrade);
    }

    @Override
    public void close() {}
}
