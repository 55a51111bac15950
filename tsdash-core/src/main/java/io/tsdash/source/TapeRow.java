package io.tsdash.source;

import io.tsdash.model.Bar;
import io.tsdash.model.MarketEvent;

/** One row of a tape: an event, a finer bar, or what could not be understood. */
public sealed interface TapeRow permits TapeRow.OfEvent, TapeRow.OfBar, Refused {

    /** A trade, correction, cancel or quote. */
    record OfEvent(MarketEvent event) implements TapeRow {}

    /**
     * A bar as input, to be rolled up to coarser ones.
     *
     * <p>What such a row does not say: its notional is NaN, its trade count 1 where there is no column {@code trades}, and
     * its first and last event times are the first and last nanosecond of its window.
     */
    record OfBar(Bar bar) implements TapeRow {}
}
