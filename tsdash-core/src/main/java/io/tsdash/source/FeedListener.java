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

    /**
     * Something was missed; what follows is good. A feed that asks for it again says so in the reason: what it gets then
     * comes late, and {@link #onBackfill} tells how it went.
     */
    void onGap(Gap gap);

    /** What was missing was asked for again, and this is what came of it. */
    default void onBackfill(Backfill backfill) {}

    /**
     * How far our clock is from the source's, measured anew.
     *
     * @param nanos the smallest difference of late between receive and event time. Below 0, our clock is behind by at least
     *     that; above 0, it is our clock's lead and the way's delay together
     */
    default void onClockSkew(long nanos) {}

    /**
     * The feed's connection changed.
     *
     * @param reason why, in words for people
     */
    void onState(ConnectionState state, String reason);

    /** Something came that could not be understood; it was left out and nothing else with it. */
    void onRefused(Refused refused);
}
