package io.tsdash.pipeline;

import io.tsdash.aggregation.Outcome;
import io.tsdash.model.Bar;
import io.tsdash.model.MarketEvent;
import io.tsdash.source.Backfill;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.Gap;
import io.tsdash.source.Refused;
import io.tsdash.store.writer.StoreWriterListener;

/**
 * Hears of everything that did not go as it should, so that nothing is lost in silence. Called from the threads of the
 * steps; must not block.
 */
public interface PipelineListener extends StoreWriterListener {

    /**
     * A batch of the bus is in the channels and the bars. Told of one a millisecond at most, for each partition: batches are
     * small and many while the bars keep up.
     *
     * @param oldest the event of it with the lowest event time
     */
    default void onBatch(int partition, MarketEvent oldest) {}

    /** The feed's connection changed. */
    void onFeedState(ConnectionState state, String reason);

    /** The feed missed something. */
    void onGap(Gap gap);

    /** The feed asked again for what it had missed. */
    default void onBackfill(Backfill backfill) {}

    /** The feed measured how far our clock is from the venue's, as {@link io.tsdash.source.FeedListener} says. */
    default void onClockSkew(long nanos) {}

    /** The feed brought something that could not be understood. */
    void onRefused(Refused refused);

    /**
     * A trade is in no bar, because it was a duplicate or too late; or an event, because its time is too far ahead, is
     * in no bar, no store and no channel.
     */
    void onSetAside(MarketEvent event, Outcome outcome);

    /**
     * The bus refused an event.
     *
     * @param cause a {@link io.tsdash.error.TransientException}: it was full, the feed waits, and the event is tried again,
     *     unless the pipeline closes. Any other: the event is in no step
     */
    void onNotPublished(RuntimeException cause);

    /** A store did not take bars; they wait with the others, and are tried again. */
    default void onBarsRetry(String store, int bars, RuntimeException cause) {}

    /**
     * A store takes no bars, for longer than a write is tried again or for a reason that stays. Told with each try until
     * {@link #onBarsBack}.
     *
     * @param bars how many wait now
     */
    default void onBarsWait(String store, int bars, RuntimeException cause) {}

    /** A store takes bars again. */
    default void onBarsBack(String store) {}

    /** A store refuses this bar for good: it is not there, and others are not held up. */
    default void onBarSetAside(String store, Bar bar, RuntimeException reason) {}

    /** The pipeline has ended, and a store has not acknowledged these bars. */
    default void onBarsLeft(String store, int bars) {}
}
