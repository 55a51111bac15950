package io.tsdash.store;

import io.tsdash.error.InvalidInputException;
import io.tsdash.model.Interval;

/**
 * Bars of one symbol and interval whose open time lies in {@code [fromNanos, toNanos)}.
 *
 * @param symbol the symbol
 * @param interval the interval
 * @param fromNanos first open time, inclusive
 * @param toNanos end of the range, exclusive; not before the start
 * @param limit at most this many, at least 1
 * @param newestFirst with a limit: keep the newest rather than the oldest; the answer is in order of open time anyway
 */
public record BarRange(String symbol, Interval interval, long fromNanos, long toNanos, int limit, boolean newestFirst) {

    /** @throws InvalidInputException if the range is reversed or the limit is not positive */
    public BarRange {
        check(fromNanos, toNanos, limit);
    }

    /**
     * Returns the range that keeps the oldest when there are more than the limit.
     *
     * @param symbol the symbol
     * @param interval the interval
     * @param fromNanos first open time, inclusive
     * @param toNanos end of the range, exclusive
     * @param limit at most this many
     */
    public static BarRange of(String symbol, Interval interval, long fromNanos, long toNanos, int limit) {
        return new BarRange(symbol, interval, fromNanos, toNanos, limit, false);
    }

    static void check(long fromNanos, long toNanos, long limit) {
        if (toNanos < fromNanos) {
            throw InvalidInputException.of("range", "[" + fromNanos + ", " + toNanos + ")", "must not be reversed");
        }
        if (limit < 1) {
            throw InvalidInputException.of("limit", limit, "must be at least 1");
        }
    }
}
