package io.tsdash.benchmarks;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tsdash.observability.Meters;
import io.tsdash.observability.Metric;
import io.tsdash.observability.MicrometerMeters;
import io.tsdash.observability.NativeHistograms;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a value costs in a histogram of Micrometer's, and in a native one with the same buckets beside it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HistogramBenchmark {
    private static final int VALUES = 1 << 10;

    @Param({"micrometer", "native"})
    private String kind = "";

    private final long[] nanos = new long[VALUES];
    private Meters.Histogram histogram = value -> {};

    /** Values from 1 ms to 1 s, each magnitude as often. */
    @Setup
    public void open() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Meters meters = new MicrometerMeters(registry);
        histogram = (kind.equals("native") ? new NativeHistograms(meters, registry.getPrometheusRegistry()) : meters)
                .histogram(Metric.STREAM_LAG, "bars");
        for (int i = 0; i < VALUES; i++) {
            nanos[i] = (long) (1e6 * Math.pow(1000, (i * 619 % VALUES) / (double) VALUES));
        }
    }

    /** A place in the values of each thread's own. */
    @State(Scope.Thread)
    public static class Place {
        private int next;
    }

    /** One value. */
    @Benchmark
    public void record(Place place) {
        histogram.record(nanos[place.next++ & VALUES - 1]);
    }
}
