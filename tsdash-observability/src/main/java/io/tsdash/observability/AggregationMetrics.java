package io.tsdash.observability;

import io.tsdash.aggregation.Outcome;
import io.tsdash.kafka.streams.AggregationListener;
import io.tsdash.model.Trade;

/** Measures what is in no bar of an aggregation in Kafka Streams; after a crash some is told and counted again. Thread-safe. */
public final class AggregationMetrics implements AggregationListener {
    private final Family<Meters.Counter> setAside;
    private final Family<Meters.Counter> deadLetters;

    /** Measures what it hears. */
    public AggregationMetrics(Meters meters) {
        setAside = Family.counters(meters, Metric.TRADES_SET_ASIDE);
        deadLetters = Family.counters(meters, Metric.BUS_DEAD_LETTERS);
    }

    @Override
    public void onDeadLetter(String topic, int partition, long offset, String reason) {
        deadLetters.get(topic).add(1);
    }

    @Override
    public void onSetAside(Trade trade, Outcome outcome) {
        setAside.get(outcome).add(1);
    }
}
