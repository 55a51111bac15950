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
}
