package io.tsdash.observability;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.LongCounterBuilder;
import io.opentelemetry.api.metrics.Meter;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/** Measurements by the API of OpenTelemetry, whose provider stays the caller's to close. Thread-safe. */
@SuppressWarnings("unused") // what reads values lives as long as the provider
public final class OpenTelemetryMeters implements Meters {
    private static final String SCOPE = "io.tsdash";

    private final Meter meter;

    /** @param telemetry with a provider of meters; without one nothing is measured */
    public OpenTelemetryMeters(OpenTelemetry telemetry) {
        meter = telemetry.getMeter(SCOPE);
    }

    @Override
    public Counter counter(Metric metric, String... tags) {
        Attributes attributes = attributes(metric, tags);
        LongCounter counter = counter(metric).build();
        counter.add(0, attributes);
        return amount -> counter.add(amount, attributes);
    }

    @Override
    public Histogram histogram(Metric metric, String... tags) {
        Attributes attributes = attributes(metric, tags);
        DoubleHistogram histogram = meter.histogramBuilder(metric.metric())
                .setDescription(metric.description())
                .setUnit(metric.unit().code())
                .setExplicitBucketBoundariesAdvice(metric.unit().bounds())
                .build();
        return value -> histogram.record(metric.unit().of(Math.max(0, value)), attributes);
    }

    @Override
    public void total(Metric metric, LongSupplier total, String... tags) {
        Attributes attributes = attributes(metric, tags);
        counter(metric).buildWithCallback(measurement -> measurement.record(total.getAsLong(), attributes));
    }

    @Override
    public void gauge(Metric metric, DoubleSupplier value, String... tags) {
        Attributes attributes = attributes(metric, tags);
        meter.gaugeBuilder(metric.metric())
                .setDescription(metric.description())
                .setUnit(metric.unit().code())
                .buildWithCallback(measurement -> {
                    double now = value.getAsDouble();
                    if (!Double.isNaN(now)) {
                        measurement.record(now, attributes);
                    }
                });
    }

    private LongCounterBuilder counter(Metric metric) {
        return meter.counterBuilder(metric.metric())
                .setDescription(metric.description())
                .setUnit(metric.unit().code());
    }

    private static Attributes attributes(Metric metric, String... values) {
        AttributesBuilder attributes = Attributes.builder();
        for (int i = 0; i < metric.checked(values).length; i++) {
            attributes.put(metric.tags().get(i), values[i]);
        }
        return attributes.build();
    }
}
