package io.tsdash.aggregation;

import io.tsdash.model.Trade;

/** Hears of trades that were not taken in, so that none is lost in silence. Called on the caller's thread. */
@FunctionalInterface
public interface SetAsideListener {

    /**
     * Called for each trade that was not taken in.
     *
     * @param trade the trade as it came
     * @param outcome {@link Outcome#DUPLICATE}, {@link Outcome#TOO_LATE} or {@link Outcome#TOO_FAR_AHEAD}
     */
    void onSetAside(Trade trade, Outcome outcome);
}
