package io.tsdash.delta;

import java.util.Arrays;

/**
 * The numbers of a record as whole mantissas with a scale, so that what moves in small steps differs by small numbers.
 *
 * <p>A DOUBLE is {@code mantissa / 10^scale}: with a scale of at most 22 and a mantissa below 2^50 both are exact
 * doubles, so the division, which rounds correctly, gives back every bit (Clinger, "How to read floating point numbers
 * accurately", 1990, the fast path). A TIME is {@code mantissa * 10^(9 - scale)} ns. A scale grows with the digits
 * that values need and stays, so that neighbours have the same. Single-threaded.
 */
public final class Mantissas {
    /** The scale of a DOUBLE that has no such mantissa: its bits are sent as they are. */
    public static final int RAW = 63;

    static final int SCALE_MAX = 22;
    private static final double MANTISSA_MAX = 1L << 50;
    private static final int TIME_SCALE_MAX = 9;
    private static final double[] POWERS = new double[SCALE_MAX + 1];
    private static final long[] UNITS = new long[TIME_SCALE_MAX + 1];

    static {
        double power = 1;
        for (int i = 0; i <= SCALE_MAX; i++) {
            POWERS[i] = power;
            power *= 10;
        }
        long unit = 1;
        for (int i = TIME_SCALE_MAX; i >= 0; i--) {
            UNITS[i] = unit;
            unit *= 10;
        }
    }

    private final long[] mantissas;
    private final byte[] scales;
    private long known;

    Mantissas(int fields) {
        mantissas = new long[fields];
        scales = new byte[fields];
    }

    /** Returns whether a field has a mantissa. */
    boolean isKnown(int field) {
        return (known & (1L << field)) != 0;
    }

    long mantissa(int field) {
        return mantissas[field];
    }

    int scale(int field) {
        return scales[field];
    }

    /** Returns whether the difference to this field of another record can be told. */
    boolean follows(Mantissas base, int field) {
        long bit = 1L << field;
        return (known & base.known & bit) != 0 && scales[field] == base.scales[field];
    }

    void copy(Mantissas other) {
        System.arraycopy(other.mantissas, 0, mantissas, 0, mantissas.length);
        System.arraycopy(other.scales, 0, scales, 0, scales.length);
        known = other.known;
    }

    /** Begins a record that is like another in its scales. */
    void beginLike(Mantissas other) {
        System.arraycopy(other.scales, 0, scales, 0, scales.length);
        known = 0;
    }

    void clear(int field) {
        known &= ~(1L << field);
    }

    void clearAll() {
        known = 0;
    }

    void setWhole(int field, long value) {
        mantissas[field] = value;
        known |= 1L << field;
    }

    void setTime(int field, long nanos) {
        int scale = scales[field];
        while (nanos % UNITS[scale] != 0) {
            scale++;
        }
        scales[field] = (byte) scale;
        setWhole(field, nanos / UNITS[scale]);
    }

    void setDouble(int field, double value) {
        double power = POWERS[scales[field]];
        double mantissa = Math.rint(value * power);
        if (isExact(mantissa, power, value)) {
            setWhole(field, (long) mantissa);
        } else {
            findScale(field, value);
        }
    }

    /** Sets what was read; false when there is no such scale or mantissa. */
    boolean set(int field, FieldKind kind, long mantissa, int scale) {
        boolean fits = switch (kind) {
            case DOUBLE -> scale <= SCALE_MAX && Math.abs((double) mantissa) < MANTISSA_MAX;
            case TIME -> scale <= TIME_SCALE_MAX && fitsNanos(mantissa, scale);
            default -> scale == 0;
        };
        if (fits) {
            scales[field] = (byte) scale;
            setWhole(field, mantissa);
        }
        return fits;
    }

    /** Returns the number that a field's mantissa and scale stand for, as a record holds it. */
    long bits(int field, FieldKind kind) {
        return switch (kind) {
            case DOUBLE -> Double.doubleToRawLongBits(mantissas[field] / POWERS[scales[field]]);
            case TIME -> mantissas[field] * UNITS[scales[field]];
            default -> mantissas[field];
        };
    }

    private static boolean fitsNanos(long mantissa, int scale) {
        return mantissa <= Long.MAX_VALUE / UNITS[scale] && mantissa >= Long.MIN_VALUE / UNITS[scale];
    }

    private void findScale(int field, double value) {
        int scale = SCALE_MAX;
        while (scale > 0 && Math.abs(value) * POWERS[scale] >= MANTISSA_MAX) {
            scale--;
        }
        double mantissa = Math.rint(value * POWERS[scale]);
        if (!isExact(mantissa, POWERS[scale], value)) {
            // What does not fit with the most digits fits with none fewer: it is sent raw, and the scale stays.
            clear(field);
            return;
        }
        long whole = (long) mantissa;
        while (scale > 0 && whole % 10 == 0) {
            whole /= 10;
            scale--;
        }
        scales[field] = (byte) scale;
        setWhole(field, whole);
    }

    private static boolean isExact(double mantissa, double power, double value) {
        // By way of a whole number, as a reader will have it: it tells the zeros apart.
        return Math.abs(mantissa) < MANTISSA_MAX
                && Double.doubleToRawLongBits((long) mantissa / power) == Double.doubleToRawLongBits(value);
    }

    @Override
    public String toString() {
        return Arrays.toString(mantissas) + " / 10^" + Arrays.toString(scales);
    }
}
