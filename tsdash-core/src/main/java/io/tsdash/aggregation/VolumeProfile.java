package io.tsdash.aggregation;

import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import java.util.List;

/**
 * How much of a symbol was traded at which prices in one window.
 *
 * @param symbol the symbol
 * @param interval the length of its window
 * @param openTimeNanos start of the window, nanoseconds since the epoch, inclusive
 * @param closeTimeNanos end of the window, exclusive
 * @param step the height of a level, in price
 * @param levels the levels with volume, from the lowest price up
 * @param revision 0 when first sent as closed, one more each time it changed after that
 * @param state how final it is
 */
public record VolumeProfile(
        String symbol,
        Interval interval,
        long openTimeNanos,
        long closeTimeNanos,
        double step,
        List<Level> levels,
        int revision,
        BarState state) {

    /** Takes a copy of the levels. */
    public VolumeProfile {
        levels = List.copyOf(levels);
    }

    /**
     * The trades at prices of {@code [price, price + step)}.
     *
     * @param price the lower edge, a multiple of the step
     * @param volume sum of the volumes that count
     * @param tradeCount number of trades that count in volume
     */
    public record Level(double price, double volume, long tradeCount) {}
}
