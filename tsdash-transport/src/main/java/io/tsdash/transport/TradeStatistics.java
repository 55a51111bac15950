package io.tsdash.transport;

import io.tsdash.store.MarketStore;
import java.time.Duration;
import java.util.List;

/** Figures over ranges of trades. Thread-safe; calls block. */
interface TradeStatistics {

    /** Returns price by volume over a range. */
    Vwap vwap(String symbol, long fromNanos, long toNanos);

    /** Returns volume by price step over a range, in order of price. */
    List<Level> profile(String symbol, double step, long fromNanos, long toNanos);

    /** Returns the averages over the window that ends at each trade of a range, in order of time. */
    List<Point> rolling(String symbol, Duration window, long fromNanos, long toNanos, int limit);

    /** Returns figures that are made by streaming trades from a store. */
    static TradeStatistics streaming(MarketStore store) {
        return new StreamedStatistics(store);
    }

    /**
     * Price by volume.
     *
     * @param vwap NaN without volume
     * @param volume sum of the volumes that count
     * @param trades how many trades there were
     */
    record Vwap(double vwap, double volume, long trades) {}

    /**
     * Volume of one price step.
     *
     * @param price lower edge of the step
     * @param volume sum of the volumes that count
     * @param trades how many trades there were
     */
    record Level(double price, double volume, long trades) {}

    /**
     * Averages over a window that ends at a trade.
     *
     * @param timeNanos event time of the trade
     * @param average mean of the prices; NaN when none counts
     * @param vwap price by volume; NaN without volume
     * @param trades how many trades the window held
     */
    record Point(long timeNanos, double average, double vwap, long trades) {}
}
