package io.tsdash.source;

import io.tsdash.model.Quote;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import java.util.SplittableRandom;

/**
 * One symbol of the simulated market: a price that walks, a spread around it, trades that bounce between bid and ask.
 *
 * <p>The middle moves by a share of itself (so prices are close to log-normal) and is pulled gently back to where it
 * began, so that a market that runs for weeks stays plausible. Prices are whole ticks and print as short decimals.
 * Single-threaded.
 */
final class SimulatedSymbol {
    private static final double PULL = 1e-5;
    private static final double MIDDLE_TICKS_MIN = 20;

    private final String name;
    private final boolean share;
    private final double ticksPerUnit;
    private final double baseTicks;
    private final double volatility;
    private final int spreadTicks;
    private final double sizeScale;
    private final double sizeUnits;
    private double middleTicks;
    private int spreadNow;
    private long tradeSequence;
    private long quoteSequence;

    /**
     * @param decimals decimals of a price
     * @param price where it begins
     * @param volatility standard deviation of a step, as a share of the price
     * @param spreadTicks usual distance of bid and ask
     * @param sizeScale median size of a trade
     * @param sizeUnits a size is a whole number divided by this
     */
    SimulatedSymbol(
            String name,
            boolean share,
            int decimals,
            double price,
            double volatility,
            int spreadTicks,
            double sizeScale,
            double sizeUnits) {
        this.name = name;
        this.share = share;
        this.ticksPerUnit = Math.pow(10, decimals);
        this.baseTicks = Math.max(price * ticksPerUnit, 2 * MIDDLE_TICKS_MIN);
        this.volatility = volatility;
        this.spreadTicks = spreadTicks;
        this.spreadNow = spreadTicks;
        this.sizeScale = sizeScale;
        this.sizeUnits = sizeUnits;
        this.middleTicks = baseTicks;
    }

    boolean isShare() {
        return share;
    }

    Trade trade(long eventNanos, long receiveNanos, SplittableRandom random) {
        long bits = random.nextLong();
        walk(bits);
        boolean buys = bits < 0;
        long ticks = Math.round(middleTicks) + (buys ? spreadNow - spreadNow / 2 : -(spreadNow / 2));
        return new Trade(
                name,
                eventNanos,
                receiveNanos,
                ++tradeSequence,
                ticks / ticksPerUnit,
                size(bits >>> 24),
                buys ? Side.BUY : Side.SELL,
                true,
                true,
                0);
    }

    Quote quote(long eventNanos, long receiveNanos, SplittableRandom random) {
        long bits = random.nextLong();
        walk(bits);
        // One tick wider or narrower now and then.
        spreadNow = Math.max(1, spreadTicks + (int) (bits >>> 20 & 3) - 1);
        long bid = Math.round(middleTicks) - spreadNow / 2;
        return new Quote(
                name,
                eventNanos,
                receiveNanos,
                ++quoteSequence,
                bid / ticksPerUnit,
                (bid + spreadNow) / ticksPerUnit,
                3 * size(bits >>> 24),
                3 * size(bits >>> 36));
    }

    /** Returns the price one tick above, as a correction would say it. */
    double oneTickAbove(double price) {
        return (Math.round(price * ticksPerUnit) + 1) / ticksPerUnit;
    }

    private void walk(long bits) {
        double step = middleTicks * volatility * Quantiles.normal(bits);
        middleTicks = Math.max(MIDDLE_TICKS_MIN, middleTicks + step + PULL * (baseTicks - middleTicks));
    }

    private double size(long bits) {
        return Math.max(1, Math.rint(sizeScale * Quantiles.logNormal(bits) * sizeUnits)) / sizeUnits;
    }
}
