package io.tsdash.aggregation;

import io.tsdash.model.Bar;

/** Hears of bars: open ones at a flush, each once when it closes, and again with the next revision when it changes. */
@FunctionalInterface
public interface BarListener {

    /**
     * Called on the thread that adds trades.
     *
     * @param bar the bar as it is now; state and revision say how final it is
     */
    void onBar(Bar bar);
}
