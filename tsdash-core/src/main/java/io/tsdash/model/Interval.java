package io.tsdash.model;

import io.tsdash.error.InvalidInputException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;

/**
 * The windows that bars are made for: fixed lengths on the epoch's grid, or days and weeks of a time zone.
 *
 * <p>A fixed interval is tumbling (each moment lies in one window) or hopping (windows overlap: {@code advance < size};
 * elsewhere also called sliding). A calendar interval starts at a local time of day, and its length follows the zone's
 * daylight saving: 23, 24 or 25 hours.
 *
 * <p>Text form, which {@link #parse} reads: {@code 1s}, {@code 500ms}, {@code 5m}, {@code 1h}; hopping
 * {@code 5m/1m}; days and weeks in UTC {@code 1d}, {@code 1w} (weeks start on Monday); with zone
 * {@code 1d@America/New_York}; with session start {@code 1d@America/New_York~1700}; with first day
 * {@code 1w@America/New_York~SUN1700}. Thread-safe, immutable.
 */
public sealed interface Interval permits FixedInterval, CalendarInterval {

    /** Returns the start of the latest window that holds this moment. */
    long openTimeNanos(long eventTimeNanos);

    /** Returns the end (exclusive) of the window that opens at this time. */
    long closeTimeNanos(long openTimeNanos);

    /** Returns the start of the window before the one that opens at this time. */
    long previousOpenTimeNanos(long openTimeNanos);

    /** Returns whether windows overlap. */
    boolean isHopping();

    /** Returns the largest unit that every window boundary is a multiple of, in nanoseconds since the epoch. */
    long gridNanos();

    /** Returns the nominal length of a window; a calendar day counts 24 hours. */
    Duration size();

    /** Returns the text form that {@link #parse} reads. */
    String text();

    /**
     * Returns the tumbling interval of this length, on the epoch's grid.
     *
     * @param size at least 1 ns and at most 366 days
     */
    static Interval of(Duration size) {
        return FixedInterval.of(size, size);
    }

    /**
     * Returns the hopping interval: windows of this size, one starting at each multiple of the advance.
     *
     * @param size at least the advance, at most 366 days
     * @param advance at least 1 ns, and size must be a multiple of it
     */
    static Interval hopping(Duration size, Duration advance) {
        return FixedInterval.of(size, advance);
    }

    /**
     * Returns calendar days.
     *
     * @param zone the time zone whose days they are
     * @param sessionStart local time at which a day begins
     */
    static Interval days(ZoneId zone, LocalTime sessionStart) {
        return new CalendarInterval(1, DayOfWeek.MONDAY, zone, sessionStart);
    }

    /**
     * Returns calendar weeks.
     *
     * @param zone the time zone whose weeks they are
     * @param firstDay the day on which a week begins
     * @param sessionStart local time at which it begins
     */
    static Interval weeks(ZoneId zone, DayOfWeek firstDay, LocalTime sessionStart) {
        return new CalendarInterval(7, firstDay, zone, sessionStart);
    }

    /**
     * Reads the text form.
     *
     * @throws InvalidInputException if the text is no interval; the message shows the forms
     */
    static Interval parse(String text) {
        return IntervalText.parse(text);
    }
}
