package io.tsdash.examples.feeds;

import io.tsdash.error.InvalidInputException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.regex.Pattern;

/** Prices, sizes and times as exchanges write them. */
final class Decimals {
    // As many digits as any market needs; a bound so that no text costs more than it should.
    private static final Pattern DECIMAL = Pattern.compile("-?[0-9]{1,30}(\\.[0-9]{1,30})?([eE][-+]?[0-9]{1,2})?");
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,10}(\\.[0-9]{1,12})?");
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final int NANO_DIGITS = 9;

    private Decimals() {}

    /** Refuses what is no decimal. */
    static void check(String what, String text) {
        if (!DECIMAL.matcher(text).matches()) {
            throw InvalidInputException.of(what, text, "must be a decimal number");
        }
    }

    /** Returns nanoseconds since the epoch of seconds, such as {@code 1618678142.557535}; cut after the ninth digit. */
    static long secondsToNanos(String text) {
        if (!SECONDS.matcher(text).matches()) {
            throw InvalidInputException.of("time", text, "must be seconds since 1970");
        }
        try {
            return new BigDecimal(text)
                    .setScale(NANO_DIGITS, RoundingMode.DOWN)
                    .unscaledValue()
                    .longValueExact();
        } catch (ArithmeticException e) {
            throw InvalidInputException.of("time", text, "must be before the year 2262");
        }
    }

    /** Returns nanoseconds of a count of coarser units since the epoch. */
    static long toNanos(long count, long nanosPerUnit) {
        try {
            return Math.multiplyExact(count, nanosPerUnit);
        } catch (ArithmeticException e) {
            throw InvalidInputException.of("time", count, "must be before the year 2262");
        }
    }

    /** Returns nanoseconds since the epoch of a time such as {@code 2021-04-17T16:43:30.244075Z}. */
    static long isoToNanos(String text) {
        try {
            Instant instant = Instant.parse(text);
            long nanos = Math.addExact(
                    Math.multiplyExact(instant.getEpochSecond(), NANOS_PER_SECOND), (long) instant.getNano());
            if (nanos >= 0) {
                return nanos;
            }
        } catch (DateTimeException | ArithmeticException e) {
            // told below: the rule is the same
        }
        throw InvalidInputException.of("time", text, "must be like 2021-04-17T16:43:30.244075Z, from 1970 to 2262");
    }
}
