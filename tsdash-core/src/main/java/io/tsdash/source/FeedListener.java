package io.tsdash.source;

import io.tsdash.model.Quote;
import io.tsdash.model.Trade;

/**
 * Takes what a feed delivers; called from one thread, the feed's own.
 *
 * <p>A call may block, which holds the feed back. An exception stops the feed: it reports
 * {@link ConnectionState#DOWN} with the exception's message.
 */
public interface FeedListener {

    /** A trade, a correction or a cancel. */
    void onTrade(Trade trade);

    /** A new best bid and ask. */
    void onQuote(Quote quote);

    /** Something was missed and is not coming; what follows is good. */
    void onGap(Gap gap);

    /**
     * The feed's connection changed.
     *
     * @param reason why, in words for people
     */
    void onState(ConnectionState state, String reason);

    /** Something came that could not be understood; it was left out and nothing else with it. */
    void onRefused(Refused refused);
}
