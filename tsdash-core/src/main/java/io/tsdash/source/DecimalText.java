package io.tsdash.source;

import java.nio.charset.StandardCharsets;

/**
 * Reads decimal numbers out of bytes, correctly rounded and without garbage.
 *
 * <p>A mantissa up to 2^53 and a power of ten up to 10^22 are exact doubles, so that one division rounds once and
 * correctly (Clinger 1990). All else goes through {@link Double#parseDouble}.
 */
final class DecimalText {
    private static final long EXACT_MANTISSA_MAX = 1L << 53;
    private static final int DIGITS_MAX = 18; // any number of so many digits fits a long
    private static final double[] POWERS_OF_TEN = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18
    };

    private DecimalText() {}

    /** Returns the number, or NaN if the bytes are no finite decimal number. */
    static double parse(byte[] bytes, int from, int to) {
        int i = from;
        boolean negative = i < to && bytes[i] == '-';
        if (negative) {
            i++;
        }
        int firstDigit = i;
        long mantissa = 0;
        int point = -1;
        for (; i < to; i++) {
            int digit = bytes[i] - '0';
            if (digit >= 0 && digit <= 9) {
                mantissa = mantissa * 10 + digit;
            } else if (bytes[i] == '.' && point < 0) {
                point = i;
            } else {
                return parseAny(bytes, from, to);
            }
        }
        int digits = to - firstDigit - (point < 0 ? 0 : 1);
        if (digits <= 0) {
            return Double.NaN;
        }
        if (digits > DIGITS_MAX || mantissa > EXACT_MANTISSA_MAX) {
            return parseAny(bytes, from, to);
        }
        double value = point < 0 ? mantissa : mantissa / POWERS_OF_TEN[to - 1 - point];
        return negative ? -value : value;
    }

    private static double parseAny(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            // Keeps out what Double.parseDouble takes beside decimals: blanks, NaN, 1d, 0x1p3.
            boolean decimal = (bytes[i] >= '0' && bytes[i] <= '9') || "+-.eE".indexOf(bytes[i]) >= 0;
            if (!decimal) {
                return Double.NaN;
            }
        }
        try {
            double value = Double.parseDouble(new String(bytes, from, to - from, StandardCharsets.ISO_8859_1));
            return Double.isFinite(value) ? value : Double.NaN;
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }
}
