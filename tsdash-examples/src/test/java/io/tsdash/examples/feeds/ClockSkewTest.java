package io.tsdash.examples.feeds;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ClockSkewTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    @Test
    void theSmallestDifferenceIsTheClocksAndNotTheDelays() {
        ClockSkew skew = new ClockSkew();
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 1_000; i++) {
            long event = i * 10L * MILLI;
            long delay = 5 * MILLI + random.nextLong(200 * MILLI);
            skew.add(event + delay - 1_270 * MILLI, event, event);
        }
        assertThat(skew.nanos().orElseThrow()).isBetween(-1_265 * MILLI, -1_260 * MILLI);
    }

    @Test
    void aClockThatWasSetIsNoticedWithinAMinute() {
        ClockSkew skew = new ClockSkew();
        assertThat(skew.nanos()).isEmpty();
        for (long now = 0; now < 40 * SECOND; now += SECOND) {
            skew.add(now - 3 * SECOND, now, now);
        }
        assertThat(skew.nanos()).hasValue(-3 * SECOND);
        for (long now = 40 * SECOND; now < 101 * SECOND; now += SECOND) {
            skew.add(now + 20 * MILLI, now, now);
        }
        assertThat(skew.nanos()).hasValue(20 * MILLI);
    }
}
