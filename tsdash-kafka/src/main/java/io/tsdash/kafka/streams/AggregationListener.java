package io.tsdash.kafka.streams;

import io.tsdash.aggregation.Outcome;
import io.tsdash.model.Trade;

/**
 * Hears of what is in no bar, so that nothing is lost in silence. Called on the threads of Kafka Streams, by several at
 * once. After a crash, what was not committed is done again, and told again.
 */
public interface AggregationListener {

    /** Does nothing. */
    AggregationListener NONE = new AggregationListener() {};

    /**
     * A record went to the topic of dead letters.
     *
     * @param topic where it was read
     * @param partition where it was read
     * @param offset where it was read
     * @param reason what was wrong with it
     */
    default void onDeadLetter(String topic, int partition, long offset, String reason) {}

    /**
     * A trade was not taken in.
     *
     * @param trade the trade
     * @param outcome {@link Outcome#DUPLICATE} or {@link Outcome#TOO_LATE}
     */
    default void onSetAside(Trade trade, Outcome outcome) {}

    /**
     * A task goes on from its state, here.
     *
     * @param partition the partition of the input
     * @param pieces how many pieces of state there were
     */
    default void onRestored(int partition, long pieces) {}
}
