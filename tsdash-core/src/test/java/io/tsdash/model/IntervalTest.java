package io.tsdash.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.InvalidInputException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IntervalTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1s",
                "500ms",
                "5m",
                "1h",
                "5m/1m",
                "1d",
                "1w",
                "1d@America/New_York",
                "1d@America/New_York~1700",
                "1w@America/New_York~SUN1700"
            })
    void textFormsReadBackAsThemselves(String text) {
        assertThat(Interval.parse(text).text()).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "m", "0s", "1x", "5m/7m", "1m/5m", "999999999h", "1d@Nowhere/City", "1d~2500", "1d~MON0900"})
    void whatIsNoIntervalIsRefusedWithTheRule(String text) {
        assertThatThrownBy(() -> Interval.parse(text))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("but it must");
    }

    @ParameterizedTest
    @CsvSource({
        "2024-03-10T12:00:00-04:00[America/New_York], 23", // clocks go forward
        "2024-11-03T12:00:00-05:00[America/New_York], 25", // clocks go back
        "2024-07-01T12:00:00-04:00[America/New_York], 24"
    })
    void daysFollowDaylightSaving(String noon, long hours) {
        Interval day = Interval.parse("1d@America/New_York");
        long open = day.openTimeNanos(nanos(noon));
        assertThat(Duration.ofNanos(day.closeTimeNanos(open) - open)).isEqualTo(Duration.ofHours(hours));
        assertThat(Instant.ofEpochSecond(0, open))
                .isEqualTo(ZonedDateTime.parse(noon)
                        .toLocalDate()
                        .atStartOfDay(java.time.ZoneId.of("America/New_York"))
                        .toInstant());
    }

    @Test
    void aSessionDayBeginsTheEveningBefore() {
        Interval session = Interval.parse("1d@America/New_York~1700");
        assertThat(session.openTimeNanos(nanos("2024-07-02T03:00:00-04:00[America/New_York]")))
                .isEqualTo(nanos("2024-07-01T17:00:00-04:00[America/New_York]"));
        assertThat(session.openTimeNanos(nanos("2024-07-01T17:00:00-04:00[America/New_York]")))
                .isEqualTo(nanos("2024-07-01T17:00:00-04:00[America/New_York]"));
    }

    @Test
    void aTradingWeekBeginsOnSundayEvening() {
        Interval week = Interval.parse("1w@America/New_York~SUN1700");
        long open = week.openTimeNanos(nanos("2024-03-13T12:00:00-04:00[America/New_York]"));
        assertThat(open).isEqualTo(nanos("2024-03-10T17:00:00-04:00[America/New_York]"));
        assertThat(week.closeTimeNanos(open)).isEqualTo(nanos("2024-03-17T17:00:00-04:00[America/New_York]"));
    }

    /** Windows tile time: each moment lies in its window, and the window before ends where this one begins. */
    @Property
    void windowsTileTime(@ForAll @LongRange(min = 0, max = 4_000_000_000L) long second) {
        long time = second * 1_000_000_000L + 1;
        for (String text : new String[] {
            "7s",
            "1m",
            "1d@America/New_York~0230",
            "1d@Australia/Lord_Howe",
            "1d@America/Sao_Paulo",
            "1w@Asia/Tehran~SAT0000"
        }) {
            Interval interval = Interval.parse(text);
            long open = interval.openTimeNanos(time);
            assertThat(open).as(text).isLessThanOrEqualTo(time);
            assertThat(interval.closeTimeNanos(open)).as(text).isGreaterThan(time);
            long before = interval.previousOpenTimeNanos(open);
            assertThat(interval.closeTimeNanos(before)).as(text).isEqualTo(open);
        }
    }

    private static long nanos(String zoned) {
        return ZonedDateTime.parse(zoned).toEpochSecond() * 1_000_000_000L;
    }
}
