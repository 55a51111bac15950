package io.tsdash.examples.recipes;

import io.tsdash.model.Quote;
import io.tsdash.model.Trade;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.Feed;
import io.tsdash.source.FeedListener;
import io.tsdash.source.Gap;
import io.tsdash.source.Refused;
import io.tsdash.spi.Feeds;
import io.tsdash.time.TimeSource;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Opens a feed of your own by its name and listens; {@link LineFeed} is the feed. */
public final class OwnFeed {
    private OwnFeed() {}

    /** Prints what comes from the feed that the only argument names, until the connection ends. */
    public static void main(String[] args) throws InterruptedException {
        Printing listener = new Printing();
        try (Feed feed = Feeds.open(args[0], Map.of(), TimeSource.system())) {
            feed.start(listener);
            if (!listener.down.await(1, TimeUnit.MINUTES)) {
                System.out.println("a minute is enough");
            }
        }
    }

    /** Called by the feed's thread. */
    private static final class Printing implements FeedListener {
        final CountDownLatch down = new CountDownLatch(1);

        @Override
        public void onTrade(Trade trade) {
            System.out.println(trade.symbol() + " " + trade.price() + " x " + trade.volume());
        }

        @Override
        public void onQuote(Quote quote) {
            System.out.println(quote.symbol() + " " + quote.bid() + "/" + quote.ask());
        }

        @Override
        public void onGap(Gap gap) {
            System.out.println("gap: " + gap.missing() + " missing after " + gap.afterSequence());
        }

        @Override
        public void onState(ConnectionState state, String reason) {
            System.out.println("feed is " + state);
            if (state == ConnectionState.DOWN) {
                down.countDown();
            }
        }

        @Override
        public void onRefused(Refused refused) {
            System.out.println("refused: " + refused.reason());
        }
    }
}
