package io.tsdash.model;

import io.tsdash.error.InvalidInputException;

/**
 * What is known of a symbol at one moment: its last trade, its quote and its day. What is not known is NaN, or
 * {@link Side#UNKNOWN}.
 *
 * @param symbol 1 to 64 characters without control characters
 * @param eventTimeNanos of the newest event in it, nanoseconds since the epoch, UTC, not negative
 * @param price of the last trade
 * @param size of the last trade
 * @param side of the last trade
 * @param open of the day, UTC
 * @param volume of the day, UTC
 * @param bid best price to sell at
 * @param ask best price to buy at
 * @param bidSize size at the bid
 * @param askSize size at the ask
 */
public record PriceUpdate(
        String symbol,
        long eventTimeNanos,
        double price,
        double size,
        Side side,
        double open,
        double volume,
        double bid,
        double ask,
        double bidSize,
        double askSize) {

    /** @throws InvalidInputException if a value breaks its rule; the message names value and rule */
    public PriceUpdate {
        Symbols.check(symbol);
        if (eventTimeNanos < 0) {
            throw InvalidInputException.of("eventTimeNanos", eventTimeNanos, "must not be negative");
        }
    }

    /** Returns what a last trade alone tells: of the day it knows nothing. */
    public static PriceUpdate of(Trade trade) {
        return new PriceUpdate(
                trade.symbol(),
                trade.eventTimeNanos(),
                trade.price(),
                trade.volume(),
                trade.side(),
                Double.NaN,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                Double.NaN);
    }
}
