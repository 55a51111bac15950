package io.tsdash.store;

import io.tsdash.error.InvalidInputException;

/**
 * Trades of one symbol over {@code [fromNanos, toNanos)}.
 *
 * @param symbol the symbol
 * @param fromNanos first event time, inclusive
 * @param toNanos end of the range, exclusive; not before the start
 * @param afterSequence with trades at exactly {@code fromNanos}, only those with a larger sequence; for paging.
 *     {@link Long#MIN_VALUE} takes all
 * @param limit at most this many, at least 1
 * @param withCancels whether cancels are given too, as {@link io.tsdash.model.Trade#cancelled() cancelled} trades: for who must
 *     know what no longer counts
 */
public record TradeRange(
        String symbol, long fromNanos, long toNanos, long afterSequence, long limit, boolean withCancels) {

    /** @throws InvalidInputException if the range is reversed or the limit is not positive */
    public TradeRange {
        BarRange.check(fromNanos, toNanos, limit);
    }

    /**
     * Returns the range with all trades from its start on.
     *
     * @param symbol the symbol
     * @param fromNanos first event time, inclusive
     * @param toNanos end of the range, exclusive
     * @param limit at most this many
     */
    public static TradeRange of(String symbol, long fromNanos, long toNanos, long limit) {
        return new TradeRange(symbol, fromNanos, toNanos, Long.MIN_VALUE, limit, false);
    }

    /** Returns the same range with cancels. */
    public TradeRange includingCancels() {
        return new TradeRange(symbol, fromNanos, toNanos, afterSequence, limit, true);
    }
}
