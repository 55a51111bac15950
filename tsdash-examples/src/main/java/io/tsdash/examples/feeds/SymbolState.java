package io.tsdash.examples.feeds;

import io.tsdash.source.Gap;
import java.util.ArrayDeque;
import java.util.Deque;

/** What a feed knows of one symbol. Single-threaded. */
final class SymbolState {
    final String symbol;
    final TradeChain trades;
    final BookKeeper book;
    final Deque<OpenGap> gaps = new ArrayDeque<>();
    long heardNanos; // monotonic
    boolean silent;
    long lastEventNanos; // of the newest trade, or when the feed began to hear
    long beatTradeId = VenueMessage.NONE; // told by a heartbeat, and not come yet
    long bookSequence = VenueMessage.NONE;
    boolean wantsNewest; // whether the newest trades are to be asked for
    boolean wantsBook;
    boolean wantsResubscription;
    long resubscribeFromNanos; // monotonic: not before
    int requestsFailed;
    int newestPages;

    SymbolState(String symbol, Exchange exchange, long nowNanos) {
        this.symbol = symbol;
        this.trades = new TradeChain(exchange.tradeIds());
        this.book = new BookKeeper(symbol, exchange.bookRule(), exchange.bookDepth());
        this.heardNanos = nowNanos;
        this.resubscribeFromNanos = nowNanos;
    }

    /** A gap whose trades are asked for. */
    static final class OpenGap {
        final Gap gap;
        final long first; // ids; NONE where they say nothing
        final long last;
        final long sinceNanos; // when the first of them may have happened
        long fromNanos; // what was before this has been asked for
        long delivered;
        int pages;

        OpenGap(Gap gap, long first, long last, long sinceNanos) {
            this.gap = gap;
            this.first = first;
            this.last = last;
            this.sinceNanos = sinceNanos;
            this.fromNanos = sinceNanos;
        }

        boolean byTime() {
            return first == VenueMessage.NONE;
        }
    }
}
