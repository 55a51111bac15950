package io.tsdash.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What holds of measurements wherever they go. */
abstract class MetersContract {
    private static final double WITHIN = 1e-9;

    abstract Meters meters();

    /** Returns the value of a counter or gauge as a back end sees it; NaN where there is none. */
    abstract double value(Metric metric, String... tags);

    /** Returns how many values fell at or below each bound of a histogram, all others last. */
    abstract List<Long> buckets(Metric metric, String... tags);

    /** Returns the sum of what a histogram took, in the metric's unit. */
    abstract double sum(Metric metric, String... tags);

    @Test
    void counterIsThereFromTheStartAndCountsByItsTags() {
        Meters.Counter dropped = meters().counter(Metric.BUS_LOST, "bars", "dropped");
        meters().counter(Metric.BUS_LOST, "store", "skipped").add(7);
        assertThat(value(Metric.BUS_LOST, "bars", "dropped")).isZero();

        dropped.add(2);
        meters().counter(Metric.BUS_LOST, "bars", "dropped").add(3);

        assertThat(value(Metric.BUS_LOST, "bars", "dropped")).isEqualTo(5);
        assertThat(value(Metric.BUS_LOST, "store", "skipped")).isEqualTo(7);
    }

    @Test
    void histogramOfSecondsTakesNanosecondsAndHasTheBoundsOfTheRequirements() {
        Meters.Histogram lag = meters().histogram(Metric.STREAM_LAG, "bars");
        for (long millis : new long[] {1, 99, 100, 101, 499, 4_999, 9_000, 59_000, 61_000}) {
            lag.record(TimeUnit.MILLISECONDS.toNanos(millis));
        }
        lag.record(-5);

        // 1, 2, 5, 10, 20, 50, 100, 200, 500 ms, 1, 2, 5, 10, 30, 60 s, more
        assertThat(buckets(Metric.STREAM_LAG, "bars"))
                .containsExactly(2L, 0L, 0L, 0L, 0L, 0L, 2L, 1L, 1L, 0L, 0L, 1L, 1L, 0L, 1L, 1L);
        assertThat(sum(Metric.STREAM_LAG, "bars")).isCloseTo(134.799, within(WITHIN));
    }

    @Test
    void histogramOfBytesTakesBytes() {
        Meters.Histogram sizes = meters().histogram(Metric.MESSAGE_SIZE, "out");
        sizes.record(64);
        sizes.record(65);
        sizes.record(2_000_000);

        assertThat(buckets(Metric.MESSAGE_SIZE, "out")).containsExactly(1L, 1L, 0L, 0L, 0L, 0L, 0L, 0L, 1L);
        assertThat(sum(Metric.MESSAGE_SIZE, "out")).isEqualTo(2_000_129);
    }

    @Test
    void countersAndValuesThatOthersKeepAreReadWhenTheyAreCollected() {
        AtomicLong trades = new AtomicLong(10);
        AtomicLong quotes = new AtomicLong(20);
        meters().total(Metric.FEED_EVENTS, trades::get, "trade");
        meters().total(Metric.FEED_EVENTS, quotes::get, "quote");
        AtomicLong waiting = new AtomicLong(3);
        meters().gauge(Metric.BUS_WAITING, waiting::get, "bars", "0");
        meters().gauge(Metric.BUS_WAITING, () -> 8, "bars", "1");
        System.gc(); // a registry may keep weak references only
        trades.set(11);
        waiting.set(4);

        assertThat(value(Metric.FEED_EVENTS, "trade")).isEqualTo(11);
        assertThat(value(Metric.FEED_EVENTS, "quote")).isEqualTo(20);
        assertThat(value(Metric.BUS_WAITING, "bars", "0")).isEqualTo(4);
        assertThat(value(Metric.BUS_WAITING, "bars", "1")).isEqualTo(8);
    }

    @Test
    void valueThatIsNotThereIsNoNumber() {
        meters().gauge(Metric.FEED_CLOCK_SKEW, () -> Double.NaN);
        assertThat(value(Metric.FEED_CLOCK_SKEW)).isNaN();
    }

    @Test
    void refusesOtherTagsThanTheMetricHas() {
        assertThatThrownBy(() -> meters().counter(Metric.BUS_LOST, "bars"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tsdash.bus.lost has the tags [consumer, reason] but was given [bars]");
    }
}
