package io.tsdash.aggregation;

import io.tsdash.model.Decimals;

/**
 * A sum in twice the precision of a double, over the decimals that its terms stand for.
 *
 * <p>Each addition keeps its rounding error (TwoSum: Knuth, TAOCP 2, 4.2.2; cascaded as Sum2 in Ogita, Rump and Oishi,
 * "Accurate Sum and Dot Product", 2005; products by fma). So the rounded sum is the correctly rounded decimal sum,
 * whatever the order of additions and merges. Single-threaded.
 */
final class DecimalSum {
    private double high;
    private double low;

    void reset() {
        high = 0;
        low = 0;
    }

    void add(double value) {
        add(value, Decimals.remainder(value));
    }

    void addProduct(double x, double y) {
        addProduct(x, Decimals.remainder(x), y, Decimals.remainder(y));
    }

    /** Adds x × y, given the decimal remainders of both. */
    void addProduct(double x, double xRemainder, double y, double yRemainder) {
        double product = x * y;
        add(product, Math.fma(x, y, -product) + (x * yRemainder + y * xRemainder));
    }

    void add(DecimalSum other) {
        add(other.high, other.low);
    }

    void add(double value, double remainder) {
        double sum = high + value;
        double virtual = sum - high;
        low += (high - (sum - virtual)) + (value - virtual) + remainder;
        high = sum;
    }

    double value() {
        return high + low;
    }

    /** The leading part; with {@link #low()} it carries the sum between processes. */
    double high() {
        return high;
    }

    double low() {
        return low;
    }
}
