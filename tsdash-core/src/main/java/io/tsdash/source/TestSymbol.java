package io.tsdash.source;

import io.tsdash.model.MarketEvent;
import io.tsdash.model.Quote;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;

/**
 * The symbol that always trades, so that people can develop out of hours, in a pattern that anyone can check.
 *
 * <p>At each whole second of event time it quotes and trades: price 100 plus the second of the minute (a saw with teeth
 * of a minute, from 100 to 159), volume 1 plus the second of the minute modulo 10, sequence the seconds since the epoch.
 */
final class TestSymbol {
    static final String NAME = "TEST";

    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final double PRICE = 100;
    private static final double HALF_SPREAD = 0.5;
    private static final int SECONDS_PER_MINUTE = 60;

    private long second;
    private boolean quoted;

    TestSymbol(long startNanos) {
        second = -Math.floorDiv(-startNanos, NANOS_PER_SECOND);
    }

    /** Returns the time of its next event. */
    long nextNanos() {
        return second * NANOS_PER_SECOND;
    }

    /** @param receiveNanos when its event is received */
    MarketEvent next(long receiveNanos) {
        int inMinute = (int) (second % SECONDS_PER_MINUTE);
        double price = PRICE + inMinute;
        double volume = 1 + inMinute % 10;
        long now = nextNanos();
        long sequence = second;
        quoted = !quoted;
        if (quoted) {
            return new Quote(
                    NAME, now, receiveNanos, sequence, price - HALF_SPREAD, price + HALF_SPREAD, volume, volume);
        }
        second++;
        return new Trade(NAME, now, receiveNanos, sequence, price, volume, Side.BUY, true, true, 0);
    }
}
