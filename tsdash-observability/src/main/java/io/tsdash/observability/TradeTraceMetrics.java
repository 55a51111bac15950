package io.tsdash.observability;

import io.tsdash.model.Trade;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.TraceContext;
import io.tsdash.trace.TradeTraceListener;
import io.tsdash.trace.TradeTraces;

/**
 * Measures the lag of traced trades, among that of all others: within their spans, so that a histogram may name the trace of a slow
 * one. Thread-safe.
 */
public final class TradeTraceMetrics implements TradeTraceListener {
    private final TimeSource time;
    private final Meters.Histogram receiptLag;
    private final Meters.Histogram barsLag;
    private final Meters.Histogram socketLag;
    private final Meters.Histogram storeLag;

    /** @param time for lag */
    public TradeTraceMetrics(Meters meters, TimeSource time) {
        this.time = time;
        receiptLag = meters.histogram(Metric.STREAM_LAG, "receipt");
        barsLag = meters.histogram(Metric.STREAM_LAG, "bars");
        socketLag = meters.histogram(Metric.STREAM_LAG, "socket");
        storeLag = meters.histogram(Metric.STREAM_LAG, "store");
    }

    /** Reads how many trades were not followed, or not to their end. */
    public static void read(Meters meters, TradeTraces traces) {
        meters.total(Metric.TRACES_SKIPPED, traces::skipped);
        meters.total(Metric.TRACES_EVICTED, traces::evicted);
    }

    @Override
    public void onShown(Trade trade, TraceContext trace, long nanos) {
        socketLag.record(time.epochNanos() - trade.eventTimeNanos());
    }

    @Override
    public void onAggregated(Trade trade, TraceContext trace) {
        receiptLag.record(trade.receiveTimeNanos() - trade.eventTimeNanos());
        barsLag.record(time.epochNanos() - trade.eventTimeNanos());
    }

    @Override
    public void onStored(Trade trade, TraceContext trace) {
        storeLag.record(time.epochNanos() - trade.eventTimeNanos());
    }
}
