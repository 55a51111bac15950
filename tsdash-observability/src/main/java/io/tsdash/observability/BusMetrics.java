package io.tsdash.observability;

import io.tsdash.bus.BusListener;
import java.util.List;

/** Measures what a bus does beside delivering. Thread-safe. */
public final class BusMetrics implements BusListener {
    /** Stands for all consumers where events reached none of them. */
    static final String ALL = "all";

    private final Family<Meters.Counter> lost;
    private final Family<Meters.Counter> retries;
    private final Family<Meters.Counter> stopped;
    private final Family<Meters.Counter> deadLetters;

    /** @param consumers their names, for whose counters to be there from the start */
    public BusMetrics(Meters meters, List<String> consumers) {
        lost = Family.counters(meters, Metric.BUS_LOST);
        retries = Family.counters(meters, Metric.BUS_RETRIES);
        stopped = Family.counters(meters, Metric.BUS_STOPPED);
        deadLetters = Family.counters(meters, Metric.BUS_DEAD_LETTERS);
        for (String consumer : consumers) {
            lost.get(consumer, "dropped");
            lost.get(consumer, "skipped");
            retries.get(consumer);
            stopped.get(consumer);
        }
        lost.get(ALL, "unsent");
    }

    @Override
    public void onDropped(String consumer, int partition, long count) {
        lost.get(consumer, "dropped").add(count);
    }

    @Override
    public void onUnsent(int partition, long count, RuntimeException cause) {
        lost.get(ALL, "unsent").add(count);
    }

    @Override
    public void onRetry(String consumer, int partition, int attempt, RuntimeException cause) {
        retries.get(consumer).add(1);
    }

    @Override
    public void onSkipped(String consumer, int partition, long count, RuntimeException cause) {
        lost.get(consumer, "skipped").add(count);
    }

    @Override
    public void onDeadLetter(String consumer, String topic, int partition) {
        deadLetters.get(topic).add(1);
    }

    @Override
    public void onStopped(String consumer, int partition, RuntimeException cause) {
        stopped.get(consumer).add(1);
    }
}
