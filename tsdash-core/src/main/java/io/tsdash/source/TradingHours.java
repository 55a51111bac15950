package io.tsdash.source;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.concurrent.TimeUnit;

/** When shares trade: always, or Monday to Friday from 9:30 to 16:00 in New York. Single-threaded. */
final class TradingHours {
    private static final ZoneId ZONE = ZoneId.of("America/New_York");
    private static final LocalTime OPEN = LocalTime.of(9, 30);
    private static final LocalTime CLOSE = LocalTime.of(16, 0);

    private final boolean always;
    // The answer for the day that was asked last, so that most questions cost two comparisons.
    private long dayStartNanos;
    private long dayEndNanos;
    private long openNanos;
    private long closeNanos;

    TradingHours(boolean sessions) {
        always = !sessions;
    }

    boolean open(long epochNanos) {
        if (always) {
            return true;
        }
        if (epochNanos < dayStartNanos || epochNanos >= dayEndNanos) {
            turnTo(Instant.ofEpochSecond(0, epochNanos).atZone(ZONE).toLocalDate());
        }
        return epochNanos >= openNanos && epochNanos < closeNanos;
    }

    private void turnTo(LocalDate day) {
        dayStartNanos = nanos(day, LocalTime.MIDNIGHT);
        dayEndNanos = nanos(day.plusDays(1), LocalTime.MIDNIGHT);
        boolean weekend = day.getDayOfWeek() == DayOfWeek.SATURDAY || day.getDayOfWeek() == DayOfWeek.SUNDAY;
        openNanos = weekend ? dayEndNanos : nanos(day, OPEN);
        closeNanos = weekend ? dayEndNanos : nanos(day, CLOSE);
    }

    private static long nanos(LocalDate day, LocalTime time) {
        return TimeUnit.SECONDS.toNanos(day.atTime(time).atZone(ZONE).toEpochSecond());
    }
}
