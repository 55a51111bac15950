package io.tsdash.store;

import io.tsdash.model.Bar;
import io.tsdash.model.Trade;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.Span;
import io.tsdash.trace.SpanKind;
import io.tsdash.trace.TraceContext;
import io.tsdash.trace.Tracer;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Records the questions that a store is asked by a thread that works in a span, as spans of that. Thread-safe as the store is. */
public final class TracedMarketStore extends ForwardingMarketStore {
    private final Tracer tracer;
    private final TimeSource time;

    /**
     * Records what is asked of a store from here on.
     *
     * @param store gets the calls
     * @param tracer records spans, and knows the span of the thread
     * @param time the clock of the spans
     */
    public TracedMarketStore(MarketStore store, Tracer tracer, TimeSource time) {
        super(store);
        this.tracer = tracer;
        this.time = time;
    }

    @Override
    public long trades(TradeRange range, Consumer<? super Trade> consumer) {
        return traced("trades", () -> super.trades(range, consumer));
    }

    @Override
    public List<Bar> bars(BarRange range) {
        return traced("bars", () -> super.bars(range));
    }

    @Override
    public List<Bar> barsOnDemand(BarRange range) {
        return traced("bars_on_demand", () -> super.barsOnDemand(range));
    }

    @Override
    public List<Bar> precomputedBars(BarRange range) {
        return traced("precomputed_bars", () -> super.precomputedBars(range));
    }

    @Override
    public Optional<Trade> lastTrade(String symbol) {
        return traced("last_trade", () -> super.lastTrade(symbol));
    }

    @SuppressWarnings("try") // the scope is there to be closed
    private <T> T traced(String operation, Supplier<T> question) {
        TraceContext parent = tracer.current();
        if (!parent.sampled()) {
            return question.get();
        }
        Span span = tracer.begin("db:query", SpanKind.CLIENT, parent, time.epochNanos())
                .tag("db.system.name", capabilities().name())
                .tag("db.operation.name", operation);
        try (Span.Scope scope = span.enter()) {
            return question.get();
        } catch (RuntimeException e) {
            span.failed(String.valueOf(e.getMessage()));
            throw e;
        } finally {
            span.end(time.epochNanos());
        }
    }
}
