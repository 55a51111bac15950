package io.tsdash.kafka.format;

import io.tsdash.error.InvalidInputException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;

/** How a team's JSON writes a moment: a number since the epoch, or ISO 8601 text. */
enum JsonTimeUnit {
    S(1_000_000_000L),
    MS(1_000_000L),
    US(1_000L),
    NS(1L),
    ISO(0L);

    static final String RULE = "must be one of s, ms, us, ns, iso";
    private static final int DIGITS_MAX = 40;
    private static final int LONG_DIGITS_MAX = 19;

    private final long nanos;

    JsonTimeUnit(long nanos) {
        this.nanos = nanos;
    }

    static Optional<JsonTimeUnit> parse(String text) {
        return switch (text) {
            case "s" -> Optional.of(S);
            case "ms" -> Optional.of(MS);
            case "us" -> Optional.of(US);
            case "ns" -> Optional.of(NS);
            case "iso" -> Optional.of(ISO);
            default -> Optional.empty();
        };
    }

    /** Returns nanoseconds since the epoch; what is finer is cut off. */
    long nanos(String what, String text) {
        try {
            if (this == ISO) {
                Instant instant = Instant.parse(text);
                return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), S.nanos), instant.getNano());
            }
            if (text.length() <= LONG_DIGITS_MAX && isDigits(text)) {
                return Math.multiplyExact(Long.parseLong(text), nanos);
            }
            if (text.length() <= DIGITS_MAX && text.indexOf('e') < 0 && text.indexOf('E') < 0) {
                return new BigDecimal(text)
                        .multiply(BigDecimal.valueOf(nanos))
                        .setScale(0, RoundingMode.FLOOR)
                        .longValueExact();
            }
        } catch (ArithmeticException | NumberFormatException | DateTimeParseException e) {
            // told below
        }
        throw InvalidInputException.of(
                what,
                text,
                this == ISO
                        ? "must be a moment such as 2025-03-04T14:30:00.123Z"
                        : "must be a number, in " + name().toLowerCase(Locale.ROOT));
    }

    private static boolean isDigits(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return !text.isEmpty();
    }
}
