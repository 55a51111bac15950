package io.tsdash.model;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.TemporalAdjusters;
import java.util.Locale;

/**
 * Days or weeks of a time zone, from session start to session start.
 *
 * <p>A session start that daylight saving skips moves forward by the length of the gap; one that it repeats is the
 * first of the two (the rule of {@link ZonedDateTime#of}).
 *
 * @param days 1 for days, 7 for weeks
 */
record CalendarInterval(int days, DayOfWeek firstDay, ZoneId zone, LocalTime sessionStart) implements Interval {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    @Override
    public long openTimeNanos(long eventTimeNanos) {
        return start(sessionDate(eventTimeNanos));
    }

    @Override
    public long closeTimeNanos(long openTimeNanos) {
        return start(sessionDate(openTimeNanos).plusDays(days));
    }

    @Override
    public long previousOpenTimeNanos(long openTimeNanos) {
        return start(sessionDate(openTimeNanos).minusDays(days));
    }

    @Override
    public boolean isHopping() {
        return false;
    }

    @Override
    public long gridNanos() {
        return NANOS_PER_SECOND;
    }

    @Override
    public Duration size() {
        return Duration.ofDays(days);
    }

    @Override
    public String text() {
        StringBuilder text = new StringBuilder(days == 1 ? "1d" : "1w");
        boolean utc = zone.getId().equals("UTC") || zone.getId().equals("Z");
        boolean plain = sessionStart.equals(LocalTime.MIDNIGHT) && firstDay == DayOfWeek.MONDAY;
        if (!utc || !plain) {
            text.append('@').append(zone.getId());
        }
        if (!plain) {
            text.append('~');
            if (days == 7) {
                text.append(firstDay.name(), 0, 3);
            }
            text.append(String.format(Locale.ROOT, "%02d%02d", sessionStart.getHour(), sessionStart.getMinute()));
        }
        return text.toString();
    }

    @Override
    public String toString() {
        return text();
    }

    /** The latest first-of-period date on or before this one. */
    private LocalDate firstDate(LocalDate date) {
        return days == 1 ? date : date.with(TemporalAdjusters.previousOrSame(firstDay));
    }

    /** The date of the session that holds this moment. */
    private LocalDate sessionDate(long epochNanos) {
        // From tomorrow backwards: where a skipped start moves across midnight, a session may begin a date early.
        LocalDate date = firstDate(local(epochNanos).toLocalDate().plusDays(1));
        while (start(date) > epochNanos) {
            date = date.minusDays(days);
        }
        return date;
    }

    private long start(LocalDate date) {
        return Math.multiplyExact(ZonedDateTime.of(date, sessionStart, zone).toEpochSecond(), NANOS_PER_SECOND);
    }

    private ZonedDateTime local(long epochNanos) {
        return Instant.ofEpochSecond(
                        Math.floorDiv(epochNanos, NANOS_PER_SECOND), Math.floorMod(epochNanos, NANOS_PER_SECOND))
                .atZone(zone);
    }
}
