package io.tsdash.kafka;

import io.tsdash.model.Bar;
import java.util.List;

/** What a consumer does with bars; called by one thread at a time for each partition of each topic. */
@FunctionalInterface
public interface BarHandler {

    /**
     * Takes bars of one topic and partition, in order. Returning acknowledges them.
     *
     * <p>At least once: after a {@link io.tsdash.error.TransientException} the same bars come again. Any other exception is
     * taken as permanent; see {@link io.tsdash.bus.FailurePolicy}.
     *
     * @param bars at least one; only valid during the call
     */
    void onBars(List<Bar> bars);
}
