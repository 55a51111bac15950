package io.tsdash.pipeline;

import io.tsdash.model.Trade;
import io.tsdash.store.AppendResult;
import io.tsdash.store.ForwardingMarketStore;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.Span;
import io.tsdash.trace.SpanKind;
import io.tsdash.trace.TraceContext;
import io.tsdash.trace.TracedTrade;
import io.tsdash.trace.TradeTraces;
import java.util.List;

/**
 * Records the writes of batches with traced trades in them: a span {@code db:write-batch} that is linked to each of these, and in
 * each one's trace a span that is linked to the batch. Thread-safe as the store is.
 */
public final class TracedWrites extends ForwardingMarketStore {
    private final TradeTraces traces;
    private final TimeSource time;

    /**
     * Records what is written to a store from here on.
     *
     * @param store gets the calls
     * @param traces knows which trades are followed
     * @param time the clock of the spans
     */
    public TracedWrites(MarketStore store, TradeTraces traces, TimeSource time) {
        super(store);
        this.traces = traces;
        this.time = time;
    }

    @Override
    @SuppressWarnings("try") // the scope is there to be closed
    public AppendResult appendTrades(List<Trade> batch) {
        List<TracedTrade> traced = traces.of(batch);
        if (traced.isEmpty()) {
            return super.appendTrades(batch);
        }
        String store = capabilities().name();
        Span span = traces.tracer()
                .begin("db:write-batch", SpanKind.CLIENT, TraceContext.NONE, time.epochNanos())
                .tag("db.system.name", store)
                .tag("db.operation.batch.size", batch.size());
        traced.forEach(each -> span.link(each.context()));
        try (Span.Scope scope = span.enter()) {
            AppendResult result = super.appendTrades(batch);
            long now = time.epochNanos();
            traced.forEach(each -> each.stored(store, span.context(), now));
            return result;
        } catch (RuntimeException e) {
            span.failed(String.valueOf(e.getMessage()));
            throw e;
        } finally {
            span.end(time.epochNanos());
        }
    }
}
