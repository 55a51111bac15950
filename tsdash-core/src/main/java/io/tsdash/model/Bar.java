package io.tsdash.model;

/**
 * Prices and volume of one symbol in one window: OHLCV, with what VWAP and revisions need.
 *
 * <p>Identified by (symbol, interval, open time); labelled by its open time; covers {@code [openTime, closeTime)}. Of
 * two bars of one identity the one with the higher revision holds. A bar whose trades were all cancelled after it was
 * sent is sent once more with {@code tradeCount == 0}: it {@linkplain #isRetracted() is retracted} and must be removed.
 *
 * @param symbol the symbol
 * @param interval the length of its window
 * @param openTimeNanos start of the window, nanoseconds since the epoch, inclusive
 * @param closeTimeNanos end of the window, exclusive
 * @param open price of the eligible trade with the smallest (event time, sequence); NaN if no trade may set prices
 * @param high highest eligible price; NaN if no trade may set prices
 * @param low lowest eligible price; NaN if no trade may set prices
 * @param close price of the eligible trade with the largest (event time, sequence); NaN if no trade may set prices
 * @param volume sum of the volumes that count, correctly rounded
 * @param notional sum of price × volume over the trades that count in volume
 * @param tradeCount number of trades that set prices or count in volume
 * @param firstEventNanos event time of its first trade; 0 when retracted
 * @param lastEventNanos event time of its last trade; 0 when retracted
 * @param revision 0 when first sent as closed, one more each time it changed after that
 * @param state how final it is
 */
public record Bar(
        String symbol,
        Interval interval,
        long openTimeNanos,
        long closeTimeNanos,
        double open,
        double high,
        double low,
        double close,
        double volume,
        double notional,
        long tradeCount,
        long firstEventNanos,
        long lastEventNanos,
        int revision,
        BarState state) {

    /** Returns the volume-weighted average price, or NaN when no volume counts. */
    public double vwap() {
        return notional / volume;
    }

    /** Returns whether all its trades were cancelled, so that it must be removed wherever it was kept. */
    public boolean isRetracted() {
        return tradeCount == 0;
    }
}
