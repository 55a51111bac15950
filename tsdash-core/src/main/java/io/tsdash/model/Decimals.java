package io.tsdash.model;

/**
 * The decimal that a double stands for.
 *
 * <p>Venues send decimals; a double holds the nearest binary value. A double is taken to stand for a decimal when there
 * is one of few enough digits that rounds to it, which is so for every decimal of up to 15 significant digits (and at
 * most 22 places): then sums can be made over the decimals rather than over their binary neighbours, so that 0.1 + 0.2
 * is 0.3. Other doubles stand for themselves. Thread-safe, allocation-free but for text.
 */
public final class Decimals {
    private static final int PLACES_MAX = 22; // the largest power of ten that is exact in a double
    private static final double EXACT_MAX = 0x1p53; // integers up to here are exact in a double
    private static final double[] POWERS = new double[PLACES_MAX + 1];
    private static final int EXPONENT_MIN = -1023;
    private static final byte[] PLACES_BY_EXPONENT = new byte[Double.MAX_EXPONENT + 1 - EXPONENT_MIN];

    static {
        for (int places = 0; places <= PLACES_MAX; places++) {
            POWERS[places] = Double.parseDouble("1e" + places);
        }
        for (int exponent = EXPONENT_MIN; exponent <= Double.MAX_EXPONENT; exponent++) {
            int places = PLACES_MAX;
            while (places > 0 && exponent + 1 + Math.log(POWERS[places]) / Math.log(2) > 53) {
                places--;
            }
            PLACES_BY_EXPONENT[exponent - EXPONENT_MIN] = (byte) places;
        }
    }

    private Decimals() {}

    /**
     * Returns what must be added to a double to get the decimal that it stands for, itself rounded to double; so value
     * and remainder together hold the decimal to twice the precision.
     *
     * @param value finite
     * @return 0 if the value stands for itself
     */
    public static double remainder(double value) {
        double power = POWERS[places(value)];
        double mantissa = Math.rint(value * power);
        if (mantissa / power != value) {
            return 0;
        }
        // The remainder of a correctly rounded quotient is exact in double, and fma yields it.
        return Math.fma(-value, power, mantissa) / power;
    }

    /**
     * Returns the double nearest to a multiple of the decimal that a step stands for: 3 × 0.1 is 0.3.
     *
     * @param count below 2^53 in size
     * @param step finite
     */
    public static double multiple(long count, double step) {
        double product = count * step;
        return product + (Math.fma((double) count, step, -product) + count * remainder(step));
    }

    /**
     * Appends the shortest decimal, without exponent, that parses to the same double.
     *
     * @param value finite
     */
    public static void append(StringBuilder out, double value) {
        int places = places(value);
        double mantissa = Math.rint(value * POWERS[places]);
        if (mantissa / POWERS[places] != value || Math.abs(mantissa) > EXACT_MAX) {
            out.append(new java.math.BigDecimal(Double.toString(value))
                    .stripTrailingZeros()
                    .toPlainString());
            return;
        }
        long digits = (long) mantissa;
        while (places > 0 && digits % 10 == 0) {
            digits /= 10;
            places--;
        }
        if (digits < 0) {
            out.append('-');
            digits = -digits;
        }
        int start = out.length();
        out.append(digits);
        if (places > 0) {
            while (out.length() - start <= places) {
                out.insert(start, '0');
            }
            out.insert(out.length() - places, '.');
        }
    }

    /** The number of decimal places at which a value of this size still has an exact integer mantissa. */
    private static int places(double value) {
        return PLACES_BY_EXPONENT[Math.getExponent(value) - EXPONENT_MIN];
    }
}
