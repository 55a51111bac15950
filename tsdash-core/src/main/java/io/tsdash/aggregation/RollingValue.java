package io.tsdash.aggregation;

/**
 * The averages of one symbol over the last stretch of its event time.
 *
 * @param symbol the symbol
 * @param timeNanos the newest event time, the end of the stretch, inclusive
 * @param average mean of the eligible prices, each trade alike; NaN if none may set prices
 * @param vwap mean price by volume; NaN if no volume counts
 * @param volume sum of the volumes that count
 * @param tradeCount number of trades that set prices or count in volume
 */
public record RollingValue(
        String symbol, long timeNanos, double average, double vwap, double volume, long tradeCount) {}
