package io.tsdash.observability;

import java.util.List;
import java.util.stream.LongStream;

/** What a metric is measured in, by the Unified Code for Units of Measure, as OpenTelemetry wants it. */
public enum Unit {
    /** A number of things. */
    ONE("1", "", 1),
    /** Durations; recorded in nanoseconds. */
    SECONDS("s", "seconds", 1e9),
    /** Sizes. */
    BYTES("By", "bytes", 1);

    /** From a millisecond to a minute, with the bounds of the requirements among them: 0.05, 0.1, 0.2, 0.5, 1, 5 and 10 s. */
    private static final long[] MILLIS = {
        1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000
    };

    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long[] SIZES = {64, 256, 1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20};

    private final String code;
    private final String word;
    private final double recordedPerUnit;

    Unit(String code, String word, double recordedPerUnit) {
        this.code = code;
        this.word = word;
        this.recordedPerUnit = recordedPerUnit;
    }

    /** Returns its code. */
    public String code() {
        return code;
    }

    /** Returns its name, which ends the names of metrics in Prometheus; empty for a number of things. */
    public String word() {
        return word;
    }

    /** Returns the value in this unit of what was recorded. */
    double of(long recorded) {
        return recorded / recordedPerUnit;
    }

    /** Returns the bounds of a histogram's buckets, in this unit, lowest first. */
    List<Double> bounds() {
        LongStream recorded =
                this == SECONDS ? LongStream.of(MILLIS).map(each -> each * NANOS_PER_MILLI) : LongStream.of(SIZES);
        return recorded.mapToObj(this::of).toList();
    }
}
