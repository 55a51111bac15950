package io.tsdash.model;

import io.tsdash.error.InvalidInputException;

/**
 * The best bid and ask of a symbol from one moment on.
 *
 * <p>A side that the venue does not give is NaN, with its size; at least one side must be there. A crossed quote
 * (bid above ask) is data like any other: venues send them.
 *
 * @param symbol 1 to 64 characters without control characters
 * @param eventTimeNanos nanoseconds since the epoch, UTC, not negative
 * @param receiveTimeNanos when we saw it, same unit
 * @param sequence orders quotes of one symbol with the same event time
 * @param bid best price to sell at; NaN when there is none
 * @param ask best price to buy at; NaN when there is none
 * @param bidSize not negative; NaN when not given
 * @param askSize not negative; NaN when not given
 */
public record Quote(
        String symbol,
        long eventTimeNanos,
        long receiveTimeNanos,
        long sequence,
        double bid,
        double ask,
        double bidSize,
        double askSize)
        implements MarketEvent {

    /** @throws InvalidInputException if a value breaks its rule; the message names value and rule */
    public Quote {
        Symbols.check(symbol);
        if (eventTimeNanos < 0) {
            throw InvalidInputException.of("eventTimeNanos", eventTimeNanos, "must not be negative");
        }
        if (Double.isInfinite(bid)) {
            throw InvalidInputException.of("bid", bid, "must be finite");
        }
        if (Double.isInfinite(ask)) {
            throw InvalidInputException.of("ask", ask, "must be finite");
        }
        if (Double.isNaN(bid) && Double.isNaN(ask)) {
            throw new InvalidInputException("bid and ask were both missing but a quote needs at least one");
        }
        if (Double.isInfinite(bidSize) || bidSize < 0) {
            throw InvalidInputException.of("bidSize", bidSize, "must be finite and not negative");
        }
        if (Double.isInfinite(askSize) || askSize < 0) {
            throw InvalidInputException.of("askSize", askSize, "must be finite and not negative");
        }
    }
}
