package io.tsdash.observability;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Measurements in a registry of Micrometer, which stays the caller's to close. Thread-safe. */
public final class MicrometerMeters implements Meters {
    private final MeterRegistry registry;
    /** A registry keeps only weak references to what it reads counters from. */
    private final Queue<LongSupplier> kept = new ConcurrentLinkedQueue<>();

    /** @param registry such as one for Prometheus */
    public MicrometerMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public Counter counter(Metric metric, String... tags) {
        return io.micrometer.core.instrument.Counter.builder(metric.metric())
                .description(metric.description())
                .baseUnit(baseUnit(metric))
                .tags(tags(metric, tags))
                .register(registry)::increment;
    }

    @Override
    public Histogram histogram(Metric metric, String... tags) {
        if (metric.unit() == Unit.SECONDS) {
            Timer timer = Timer.builder(metric.metric())
                    .description(metric.description())
                    .serviceLevelObjectives(metric.unit().bounds().stream()
                            .map(seconds -> Duration.ofNanos(Math.round(seconds * TimeUnit.SECONDS.toNanos(1))))
                            .toArray(Duration[]::new))
                    .tags(tags(metric, tags))
                    .register(registry);
            return nanos -> timer.record(Math.max(0, nanos), TimeUnit.NANOSECONDS);
        }
        DistributionSummary summary = DistributionSummary.builder(metric.metric())
                .description(metric.description())
                .baseUnit(baseUnit(metric))
                .serviceLevelObjectives(metric.unit().bounds().stream()
                        .mapToDouble(Double::doubleValue)
                        .toArray())
                .tags(tags(metric, tags))
                .register(registry);
        return value -> summary.record((double) Math.max(0, value));
    }

    @Override
    public void total(Metric metric, LongSupplier total, String... tags) {
        kept.add(total);
        FunctionCounter.builder(metric.metric(), total, LongSupplier::getAsLong)
                .description(metric.description())
                .baseUnit(baseUnit(metric))
                .tags(tags(metric, tags))
                .register(registry);
    }

    @Override
    public void gauge(Metric metric, DoubleSupplier value, String... tags) {
        Gauge.builder(metric.metric(), value::getAsDouble)
                .description(metric.description())
                .baseUnit(baseUnit(metric))
                .tags(tags(metric, tags))
                .register(registry);
    }

    private static @Nullable String baseUnit(Metric metric) {
        return metric.unit() == Unit.ONE ? null : metric.unit().word();
    }

    private static Tags tags(Metric metric, String... values) {
        Tags tags = Tags.empty();
        for (int i = 0; i < metric.checked(values).length; i++) {
            tags = tags.and(metric.tags().get(i), values[i]);
        }
        return tags;
    }
}
