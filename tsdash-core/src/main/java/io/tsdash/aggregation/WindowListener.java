package io.tsdash.aggregation;

import io.tsdash.model.BarState;
import io.tsdash.model.Interval;

/** Hears of windows that opened, changed or closed. */
interface WindowListener<P extends PartialAggregate<P>> {

    /** The summary is valid during the call only. */
    void onWindow(
            String symbol, Interval interval, long openNanos, long closeNanos, P summary, int revision, BarState state);
}
