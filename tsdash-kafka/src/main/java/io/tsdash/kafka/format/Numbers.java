package io.tsdash.kafka.format;

/** The range of whole numbers that are read. */
final class Numbers {

    private Numbers() {}

    /** Checks that a number is not negative and fits 32 bits. */
    static int int32(Fields fields, int number, long value) {
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw fields.refused(number, value, "must be from 0 to " + Integer.MAX_VALUE);
        }
        return (int) value;
    }

    /** Checks that a number is not negative. */
    static long notNegative(Fields fields, int number, long value) {
        if (value < 0) {
            throw fields.refused(number, value, "must not be negative");
        }
        return value;
    }
}
