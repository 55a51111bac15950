package io.tsdash.source;

/**
 * Random variables by table: equally likely values, one of which random bits choose.
 *
 * <p>A table costs a load where a logarithm costs 20 ns, and is the same on every machine. Its tails end near four
 * standard deviations, which suits a simulator.
 */
final class Quantiles {
    private static final int SIZE = 1 << 12;
    private static final double SIZE_SPREAD =
            1.1; // of the logarithm of trade sizes: most small, a few 20 times the median
    private static final double[] NORMAL = new double[SIZE];
    private static final double[] LOG_NORMAL = new double[SIZE];
    private static final double[] EXPONENTIAL = new double[SIZE];

    static {
        for (int i = 0; i < SIZE; i++) {
            double probability = (i + 0.5) / SIZE;
            NORMAL[i] = normalQuantile(probability);
            LOG_NORMAL[i] = StrictMath.exp(SIZE_SPREAD * NORMAL[i]);
            EXPONENTIAL[i] = -StrictMath.log(probability);
        }
    }

    private Quantiles() {}

    static double normal(long bits) {
        return NORMAL[(int) bits & SIZE - 1];
    }

    static double logNormal(long bits) {
        return LOG_NORMAL[(int) bits & SIZE - 1];
    }

    /** Returns a waiting time with mean 1. */
    static double exponential(long bits) {
        return EXPONENTIAL[(int) bits & SIZE - 1];
    }

    /** Inverts the normal distribution by bisection of its integral; slow, and runs once. */
    private static double normalQuantile(double probability) {
        double low = -5;
        double high = 5;
        while (high - low > 1e-9) {
            double middle = (low + high) / 2;
            if (normalCumulative(middle) < probability) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
    }

    /** The power series of the normal integral (Abramowitz and Stegun 26.2.11). */
    private static double normalCumulative(double x) {
        double term = x;
        double sum = x;
        for (int i = 3; Math.abs(term) > 1e-17 && i < 200; i += 2) {
            term *= x * x / i;
            sum += term;
        }
        return 0.5 + sum * StrictMath.exp(-x * x / 2) / StrictMath.sqrt(2 * StrictMath.PI);
    }
}
