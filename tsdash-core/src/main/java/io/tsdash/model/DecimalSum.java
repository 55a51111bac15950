package io.tsdash.model;

/**
 * A sum in twice the precision of a double, over the decimals that its terms stand for.
 *
 * <p>Each addition keeps its rounding error (TwoSum: Knuth, TAOCP 2, 4.2.2; cascaded as Sum2 in Ogita, Rump and Oishi,
 * "Accurate Sum and Dot Product", 2005; products by fma). So the rounded sum is the correctly rounded decimal sum,
 * whatever the order of additions and merges. Single-threaded.
 */
public final class DecimalSum {
    private double high;
    private double low;

    /** Starts from zero again. */
    public void reset() {
        high = 0;
        low = 0;
    }

    /** Adds the decimal that a double stands for. */
    public void add(double value) {
        add(value, Decimals.remainder(value));
    }

    /** Adds x × y, as decimals. */
    public void addProduct(double x, double y) {
        addProduct(x, Decimals.remainder(x), y, Decimals.remainder(y));
    }

    /** Adds x × y, given the {@linkplain Decimals#remainder decimal remainders} of both. */
    public void addProduct(double x, double xRemainder, double y, double yRemainder) {
        double product = x * y;
        add(product, Math.fma(x, y, -product) + (x * yRemainder + y * xRemainder));
    }

    /** Adds all that another sum holds. */
    public void add(DecimalSum other) {
        add(other.high, other.low);
    }

    /** Adds a value and what it lacks, such as its {@linkplain Decimals#remainder decimal remainder}. */
    public void add(double value, double remainder) {
        double sum = high + value;
        double virtual = sum - high;
        low += (high - (sum - virtual)) + (value - virtual) + remainder;
        high = sum;
    }

    /** Returns the sum, rounded to the nearest double. */
    public double value() {
        return high + low;
    }

    /** Returns the leading part; with {@link #low()} it carries the sum between processes. */
    public double high() {
        return high;
    }

    /** Returns what the leading part lacks. */
    public double low() {
        return low;
    }
}
