package io.tsdash.pipeline;

import io.tsdash.model.MarketEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Leaves out events from too far in the future, which would move clocks that nothing moves back.
 *
 * <p>Asked where a feed delivers and where the bus does: on a bus between processes others publish too. Thread-safe.
 */
final class FarAhead {
    private final long maxNanos;

    FarAhead(Duration max) {
        this.maxNanos = max.toNanos();
    }

    boolean isFarAhead(MarketEvent event) {
        return event.eventTimeNanos() - event.receiveTimeNanos() > maxNanos;
    }

    /** Returns the same list where nothing is to be left out, which is nearly always. */
    List<MarketEvent> without(List<MarketEvent> batch, Consumer<MarketEvent> leftOut) {
        for (int i = 0; i < batch.size(); i++) {
            if (isFarAhead(batch.get(i))) {
                return rest(batch, leftOut);
            }
        }
        return batch;
    }

    private List<MarketEvent> rest(List<MarketEvent> batch, Consumer<MarketEvent> leftOut) {
        List<MarketEvent> rest = new ArrayList<>(batch.size());
        for (MarketEvent event : batch) {
            if (isFarAhead(event)) {
                leftOut.accept(event);
            } else {
                rest.add(event);
            }
        }
        return rest;
    }
}
