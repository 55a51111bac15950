package io.tsdash.model;

import io.tsdash.error.InvalidInputException;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The text form of intervals. */
final class IntervalText {
    private static final Pattern FIXED = Pattern.compile("(\\d{1,9})(ns|us|ms|s|m|h)(?:/(\\d{1,9})(ns|us|ms|s|m|h))?");
    private static final Pattern CALENDAR = Pattern.compile(
            "1([dw])(?:@([A-Za-z][A-Za-z0-9_+/-]*))?(?:~(MON|TUE|WED|THU|FRI|SAT|SUN)?(\\d\\d)(\\d\\d))?");
    private static final String RULE = "must be like 1s, 5m, 1h, 5m/1m (hopping), 1d, 1w, 1d@America/New_York~1700";
    private static final String[] UNITS = {"h", "m", "s", "ms", "us", "ns"};

    private IntervalText() {}

    static Interval parse(String text) {
        Matcher fixed = FIXED.matcher(text);
        if (fixed.matches()) {
            Duration size = duration(fixed.group(1), fixed.group(2));
            return fixed.group(3) == null
                    ? Interval.of(size)
                    : Interval.hopping(size, duration(fixed.group(3), fixed.group(4)));
        }
        Matcher calendar = CALENDAR.matcher(text);
        if (calendar.matches()) {
            return calendar(text, calendar);
        }
        throw InvalidInputException.of("interval", text, RULE);
    }

    static String length(long nanos) {
        for (String unit : UNITS) {
            if (nanos % unitNanos(unit) == 0) {
                return nanos / unitNanos(unit) + unit;
            }
        }
        throw new IllegalStateException("every length is a multiple of 1 ns");
    }

    private static Interval calendar(String text, Matcher matcher) {
        boolean weeks = matcher.group(1).equals("w");
        String day = matcher.group(3);
        if (day != null && !weeks) {
            throw InvalidInputException.of("interval", text, "must not name a first day: that is for weeks");
        }
        try {
            ZoneId zone = ZoneId.of(orElse(matcher.group(2), "UTC"));
            LocalTime start = LocalTime.of(
                    Integer.parseInt(orElse(matcher.group(4), "0")), Integer.parseInt(orElse(matcher.group(5), "0")));
            return weeks ? Interval.weeks(zone, day(day), start) : Interval.days(zone, start);
        } catch (DateTimeException e) {
            throw InvalidInputException.of("interval", text, RULE + ": " + e.getMessage());
        }
    }

    private static DayOfWeek day(@Nullable String name) {
        for (DayOfWeek day : DayOfWeek.values()) {
            if (day.name().startsWith(orElse(name, "MON"))) {
                return day;
            }
        }
        throw new IllegalStateException("the pattern admits days only, not " + name);
    }

    private static String orElse(@Nullable String value, String otherwise) {
        return value == null ? otherwise : value;
    }

    private static Duration duration(String count, String unit) {
        return Duration.ofNanos(unitNanos(unit)).multipliedBy(Long.parseLong(count));
    }

    private static long unitNanos(String unit) {
        return switch (unit) {
            case "ns" -> 1L;
            case "us" -> 1_000L;
            case "ms" -> 1_000_000L;
            case "s" -> 1_000_000_000L;
            case "m" -> 60_000_000_000L;
            default -> 3_600_000_000_000L;
        };
    }
}
