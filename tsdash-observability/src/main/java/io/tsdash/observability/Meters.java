package io.tsdash.observability;

import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Where measurements go: to Micrometer ({@link MicrometerMeters}) or to OpenTelemetry ({@link OpenTelemetryMeters}).
 *
 * <p>Values of tags are given in the order of {@link Metric#tags}. What is asked for twice is the same. Thread-safe, and so are
 * counters and histograms.
 */
public interface Meters {

    /** Counts what happens. */
    @FunctionalInterface
    interface Counter {
        /** @param amount not below 0 */
        void add(long amount);
    }

    /** Takes values. */
    @FunctionalInterface
    interface Histogram {
        /** @param value nanoseconds for a metric in seconds, bytes for one in bytes; below 0 it counts as 0 */
        void record(long value);
    }

    /** Returns a counter, which is at 0 from now on. */
    Counter counter(Metric metric, String... tags);

    /** Returns a histogram. */
    Histogram histogram(Metric metric, String... tags);

    /**
     * Reads a counter that something else keeps, whenever measurements are collected.
     *
     * @param total never goes back; called by any thread, must not block for long
     */
    void total(Metric metric, LongSupplier total, String... tags);

    /**
     * Reads a value whenever measurements are collected.
     *
     * @param value in the metric's unit, NaN while there is none; called by any thread, must not block for long
     */
    void gauge(Metric metric, DoubleSupplier value, String... tags);
}
