package io.tsdash.observability;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.Aggregation;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.AggregationTemporalitySelector;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** As a reader of OpenTelemetry's SDK collects them. */
class OpenTelemetryMetersTest extends MetersContract {
    private final InMemoryMetricReader reader = InMemoryMetricReader.create();
    private final OpenTelemetrySdk telemetry = OpenTelemetrySdk.builder()
            .setMeterProvider(
                    SdkMeterProvider.builder().registerMetricReader(reader).build())
            .build();
    private final Meters meters = new OpenTelemetryMeters(telemetry);

    @AfterEach
    void close() {
        telemetry.close();
    }

    /** Such a histogram is a native one in Prometheus, and can be added up too, whatever its scale. */
    @Test
    void aReaderThatWantsExponentialHistogramsGetsThem() {
        InMemoryMetricReader exponential = InMemoryMetricReader.create(
                AggregationTemporalitySelector.alwaysCumulative(),
                type -> Aggregation.base2ExponentialBucketHistogram());
        try (SdkMeterProvider provider =
                SdkMeterProvider.builder().registerMetricReader(exponential).build()) {
            Meters.Histogram lag = new OpenTelemetryMeters(OpenTelemetrySdk.builder()
                            .setMeterProvider(provider)
                            .build())
                    .histogram(Metric.STREAM_LAG, "bars");
            lag.record(TimeUnit.MILLISECONDS.toNanos(3));
            lag.record(TimeUnit.MILLISECONDS.toNanos(700));
            assertThat(exponential.collectAllMetrics())
                    .singleElement()
                    .satisfies(data -> assertThat(
                                    data.getExponentialHistogramData().getPoints())
                            .singleElement()
                            .satisfies(point -> {
                                assertThat(point.getCount()).isEqualTo(2);
                                assertThat(point.getScale())
                                        .as("finer than doubling")
                                        .isPositive();
                            }));
        }
    }

    @Override
    Meters meters() {
        return meters;
    }

    @Override
    double value(Metric metric, String... tags) {
        Attributes wanted = attributes(metric, tags);
        for (MetricData data : reader.collectAllMetrics()) {
            if (data.getName().equals(metric.metric())) {
                return metric.kind() == Kind.GAUGE
                        ? data.getDoubleGaugeData().getPoints().stream()
                                .filter(point -> point.getAttributes().equals(wanted))
                                .mapToDouble(point -> point.getValue())
                                .findFirst()
                                .orElse(Double.NaN)
                        : data.getLongSumData().getPoints().stream()
                                .filter(point -> point.getAttributes().equals(wanted))
                                .mapToLong(point -> point.getValue())
                                .findFirst()
                                .orElseThrow();
            }
        }
        return Double.NaN;
    }

    @Override
    List<Long> buckets(Metric metric, String... tags) {
        return point(metric, tags).getCounts();
    }

    @Override
    double sum(Metric metric, String... tags) {
        return point(metric, tags).getSum();
    }

    private HistogramPointData point(Metric metric, String... tags) {
        Attributes wanted = attributes(metric, tags);
        return reader.collectAllMetrics().stream()
                .filter(data -> data.getName().equals(metric.metric())
                        && data.getUnit().equals(metric.unit().code()))
                .flatMap(data -> data.getHistogramData().getPoints().stream())
                .filter(point -> point.getAttributes().equals(wanted))
                .findFirst()
                .orElseThrow();
    }

    private static Attributes attributes(Metric metric, String... tags) {
        AttributesBuilder attributes = Attributes.builder();
        for (int i = 0; i < tags.length; i++) {
            attributes.put(metric.tags().get(i), tags[i]);
        }
        return attributes.build();
    }
}
