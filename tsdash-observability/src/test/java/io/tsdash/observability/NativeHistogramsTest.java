package io.tsdash.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The same page as with Micrometer's own histograms, for those who read text; what others read has native ones too. */
class NativeHistogramsTest extends MicrometerMetersTest {
    private final Meters meters = new NativeHistograms(super.meters(), registry.getPrometheusRegistry());

    @Override
    Meters meters() {
        return meters;
    }

    @Test
    void textIsTheSameWithoutWhatMicrometerAdds() {
        PrometheusMeterRegistry plain = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        for (Meters each : List.of(meters, new MicrometerMeters(plain))) {
            each.histogram(Metric.STREAM_LAG, "bars").record(TimeUnit.MILLISECONDS.toNanos(7));
            each.histogram(Metric.HTTP_SERVER_REQUEST_DURATION, "GET", "/latest", "200")
                    .record(0);
            each.histogram(Metric.MESSAGE_SIZE, "out").record(100);
        }
        for (String type : List.of("text/plain", "application/openmetrics-text")) {
            List<String> expected = plain.scrape(type)
                    .lines()
                    .filter(line -> !line.contains("_max"))
                    .toList();
            assertThat(registry.scrape(type).lines()).containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    /** Also where they are far apart: buckets never become wider, or percentiles of two servers would not add up as well. */
    @Test
    void nativeBucketsGrowByAnEighthOfADoublingWhateverComes() {
        Meters.Histogram lag = meters.histogram(Metric.STREAM_LAG, "bars");
        for (double nanos = 1; nanos < Long.MAX_VALUE; nanos *= 1.05) {
            lag.record((long) nanos);
        }
        HistogramDataPointSnapshot series = series("tsdash_stream_lag_seconds");

        assertThat(series.getNativeSchema()).isEqualTo(3);
        assertThat(series.getNativeBucketsForPositiveValues().size()).isBetween(400, 430);
        assertThat(series.getNativeZeroThreshold()).isCloseTo(1e-6, within(1e-7));
        assertThat(series.getNativeZeroCount()).isPositive();
        assertThat(series.hasClassicHistogramData()).isTrue();
    }

    private HistogramDataPointSnapshot series(String family) {
        return registry.getPrometheusRegistry().scrape(family::equals).stream()
                .map(HistogramSnapshot.class::cast)
                .flatMap(each -> each.getDataPoints().stream())
                .findFirst()
                .orElseThrow();
    }
}
