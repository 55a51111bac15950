package io.tsdash.model;

import io.tsdash.error.InvalidInputException;

/**
 * One execution at a venue, or what the venue later says about it.
 *
 * <p>A trade is identified by (symbol, event time, sequence). For one identity the highest {@code version} holds:
 * 0 is the trade as first reported, 1 and up are corrections, {@link #CANCELLED} takes it back for good. Because the
 * highest wins, trades, corrections and cancels may arrive in any order and more than once.
 *
 * @param symbol 1 to 64 characters without control characters
 * @param eventTimeNanos when it happened at the venue: nanoseconds since the epoch, UTC, not negative
 * @param receiveTimeNanos when we saw it, same unit; measures lag, and says nothing about windows
 * @param sequence the venue's trade id or sequence number; with the event time it orders trades of one symbol
 * @param price finite; may be negative or zero (spreads, power); ignored when cancelled
 * @param volume finite, not negative; ignored when cancelled
 * @param side who crossed the spread
 * @param setsPrice whether it counts for open, high, low and close
 * @param countsVolume whether it counts for volume and VWAP
 * @param version 0 as first reported, 1 and up a correction, {@link #CANCELLED} a cancel
 */
public record Trade(
        String symbol,
        long eventTimeNanos,
        long receiveTimeNanos,
        long sequence,
        double price,
        double volume,
        Side side,
        boolean setsPrice,
        boolean countsVolume,
        int version)
        implements MarketEvent {

    /** The version of a cancel: above every correction. */
    public static final int CANCELLED = Integer.MAX_VALUE;

    /** @throws InvalidInputException if a value breaks its rule; the message names value and rule */
    public Trade {
        Symbols.check(symbol);
        if (eventTimeNanos < 0) {
            throw InvalidInputException.of("eventTimeNanos", eventTimeNanos, "must not be negative");
        }
        if (!Double.isFinite(price)) {
            throw InvalidInputException.of("price", price, "must be finite");
        }
        if (!Double.isFinite(volume) || volume < 0) {
            throw InvalidInputException.of("volume", volume, "must be finite and not negative");
        }
        if (version < 0) {
            throw InvalidInputException.of("version", version, "must not be negative");
        }
    }

    /**
     * Returns a plain trade: first report, side unknown, counting for prices and for volume, received as it happened.
     *
     * @param symbol the symbol
     * @param eventTimeNanos nanoseconds since the epoch, UTC
     * @param sequence the venue's trade id or sequence number
     * @param price finite
     * @param volume finite, not negative
     */
    public static Trade of(String symbol, long eventTimeNanos, long sequence, double price, double volume) {
        return new Trade(symbol, eventTimeNanos, eventTimeNanos, sequence, price, volume, Side.UNKNOWN, true, true, 0);
    }

    /**
     * Returns the message that takes the trade of this identity back.
     *
     * @param symbol the symbol of the trade to take back
     * @param eventTimeNanos its event time
     * @param sequence its sequence
     * @param receiveTimeNanos when we saw the cancel
     */
    public static Trade cancel(String symbol, long eventTimeNanos, long sequence, long receiveTimeNanos) {
        return new Trade(
                symbol, eventTimeNanos, receiveTimeNanos, sequence, 0, 0, Side.UNKNOWN, false, false, CANCELLED);
    }

    /**
     * Returns the correction of this trade to another price and volume, one version higher.
     *
     * @param newPrice finite
     * @param newVolume finite, not negative
     */
    public Trade correctedTo(double newPrice, double newVolume) {
        return new Trade(
                symbol,
                eventTimeNanos,
                receiveTimeNanos,
                sequence,
                newPrice,
                newVolume,
                side,
                setsPrice,
                countsVolume,
                version + 1);
    }

    /** Returns whether this takes a trade back. */
    public boolean cancelled() {
        return version == CANCELLED;
    }
}
