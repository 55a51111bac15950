package io.tsdash.observability;

import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Measurements whose histograms are Prometheus's native ones, with the usual buckets beside them; all else goes where it went.
 *
 * <p>A native histogram has buckets that grow by a factor, here by 2<sup>1/8</sup> (9 %), from a microsecond (or a byte) on; so a
 * percentile of any number of servers is at most that far from the true one. Only a page in Prometheus's protobuf form holds them
 * (<a href="https://prometheus.io/docs/specs/native_histograms/">specification</a>); a page of text has the usual buckets, under the
 * same names as {@link MicrometerMeters} gives them, without the {@code _max} that Micrometer adds.
 *
 * <p>Needs {@code io.prometheus:prometheus-metrics-core}, declared by the application itself: Micrometer's registry leaves out a part
 * of it that finds the trace of an exemplar. Thread-safe.
 */
public final class NativeHistograms implements Meters {
    /** Eight buckets from one power of two to the next. */
    private static final int SCHEMA = 3;

    /** About a microsecond: what is below counts as 0. */
    private static final double ZERO_MAX = 0x1p-20;

    /**
     * None, as there are few: 8 for each doubling of a {@code long}. The library would otherwise widen buckets, and in 1.7.0 puts some
     * of those below 1 into their neighbours (<a href="https://github.com/prometheus/client_java/issues/2270">issue 2270</a>).
     */
    private static final int NO_MAX_BUCKETS = 0;

    private final Meters others;
    private final PrometheusRegistry registry;
    private final Map<Metric, io.prometheus.metrics.core.metrics.Histogram> families = new ConcurrentHashMap<>();

    /**
     * @param others for counters and values
     * @param registry for histograms; the one that {@code others} writes to, if one page is to have all
     */
    public NativeHistograms(Meters others, PrometheusRegistry registry) {
        this.others = others;
        this.registry = registry;
    }

    @Override
    public Counter counter(Metric metric, String... tags) {
        return others.counter(metric, tags);
    }

    @Override
    public Histogram histogram(Metric metric, String... tags) {
        DistributionDataPoint series =
                families.computeIfAbsent(metric, this::family).labelValues(metric.checked(tags));
        return value -> series.observe(metric.unit().of(Math.max(0, value)));
    }

    @Override
    public void total(Metric metric, LongSupplier total, String... tags) {
        others.total(metric, total, tags);
    }

    @Override
    public void gauge(Metric metric, DoubleSupplier value, String... tags) {
        others.gauge(metric, value, tags);
    }

    private io.prometheus.metrics.core.metrics.Histogram family(Metric metric) {
        return io.prometheus.metrics.core.metrics.Histogram.builder()
                .name(metric.prometheus())
                .help(metric.description())
                .labelNames(
                        metric.tags().stream().map(tag -> tag.replace('.', '_')).toArray(String[]::new))
                .classicUpperBounds(metric.unit().bounds().stream()
                        .mapToDouble(Double::doubleValue)
                        .toArray())
                .nativeInitialSchema(SCHEMA)
                .nativeMinZeroThreshold(ZERO_MAX)
                .nativeMaxNumberOfBuckets(NO_MAX_BUCKETS)
                .register(registry);
    }
}
