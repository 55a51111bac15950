package io.tsdash.trace;

import io.tsdash.model.Trade;

/**
 * Hears of traced trades. Called on the threads of the steps, within the span that it is told of: what is logged or measured meanwhile
 * can name it. Must not block.
 */
public interface TradeTraceListener {

    /** Returns one that does nothing. */
    static TradeTraceListener none() {
        return (trade, trace, nanos) -> {};
    }

    /**
     * The first client's socket got the trade.
     *
     * @param trace where its trace stands
     * @param nanos since this process had received it from its feed or its bus
     */
    void onShown(Trade trade, TraceContext trace, long nanos);

    /**
     * The trade is in the bars.
     *
     * @param trace where its trace stands
     */
    default void onAggregated(Trade trade, TraceContext trace) {}

    /**
     * A store has the trade.
     *
     * @param trace where its trace stands
     */
    default void onStored(Trade trade, TraceContext trace) {}
}
