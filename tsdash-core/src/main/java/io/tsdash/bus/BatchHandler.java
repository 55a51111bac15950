package io.tsdash.bus;

import io.tsdash.model.MarketEvent;
import java.util.List;

/** What a consumer does with events; called by one thread at a time for each partition. */
@FunctionalInterface
public interface BatchHandler {

    /**
     * Takes events of one partition, in order. Returning acknowledges them.
     *
     * <p>At least once: after a {@link io.tsdash.error.TransientException} the same events come again. Any other
     * exception is taken as permanent; see {@link FailurePolicy}.
     *
     * @param partition their partition
     * @param batch at least one event; only valid during the call
     */
    void onBatch(int partition, List<MarketEvent> batch);

    /**
     * Makes sure that what it was given in calls that have returned is safe, so that it need not come again after a restart.
     *
     * <p>A bus that keeps positions calls it before it keeps one, on a thread of its own, while {@link #onBatch} may be at
     * work on others. Handlers that are done with a batch when they return need not do anything.
     *
     * @throws io.tsdash.error.TransientException if it is not safe yet: the position is not kept now, and it is asked again
     */
    default void checkpoint() {}
}
