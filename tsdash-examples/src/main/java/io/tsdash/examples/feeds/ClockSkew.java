package io.tsdash.examples.feeds;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * How far our clock is from an exchange's, from times of the exchange and when they came.
 *
 * <p>What comes is delayed by what is between, never hastened: the smallest difference of a while is the one with the least
 * delay in it (the minimum filter of clock synchronisation). Two windows take turns, so that a clock that was set is noticed.
 * Single-threaded.
 */
final class ClockSkew {
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(30);

    private long windowEndNanos = Long.MIN_VALUE;
    private long smallest = Long.MAX_VALUE;
    private long smallestBefore = Long.MAX_VALUE;

    /**
     * Takes a message.
     *
     * @param receiveNanos when it came, by our clock
     * @param eventNanos when it was sent, by the exchange's
     * @param nowNanos monotonic
     */
    void add(long receiveNanos, long eventNanos, long nowNanos) {
        if (windowEndNanos == Long.MIN_VALUE) {
            windowEndNanos = nowNanos + WINDOW_NANOS;
        } else if (nowNanos - windowEndNanos >= 0) {
            smallestBefore = smallest;
            smallest = Long.MAX_VALUE;
            windowEndNanos = nowNanos + WINDOW_NANOS;
        }
        smallest = Math.min(smallest, receiveNanos - eventNanos);
    }

    /** Returns the smallest difference of the last half minute or minute: below 0, our clock is behind. */
    OptionalLong nanos() {
        long least = Math.min(smallest, smallestBefore);
        return least == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(least);
    }
}
