package io.tsdash.trace;

import io.tsdash.model.Trade;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A trade that is followed, and where its trace stands.
 *
 * <pre>feed:receive ─┬─ BUS:carry (bars) ─┬─ bars:aggregate
 *               │                    └─ hub:distribute ── socket:first-write
 *               └─ BUS:carry (store) ─── db:write-trade</pre>
 *
 * <p>Each span is recorded when its step is over, so nothing stays open when a trade does not come to an end. Thread-safe: a
 * consumer's steps come one after another.
 */
public final class TracedTrade {
    /** A client's socket and one store. */
    private static final int ENDS = 2;

    private final TradeTraces traces;
    private final Trade trade;
    private final AtomicInteger endsToCome = new AtomicInteger(ENDS);
    private volatile Span receive = Span.none();
    private volatile Point sent = Point.NOWHERE;
    private volatile Point atBars = Point.NOWHERE;
    private volatile Point atStore = Point.NOWHERE;
    private volatile long firstSeenNanos;

    /** A span that others go on from, and when they may. */
    private record Point(TraceContext context, long nanos) {
        static final Point NOWHERE = new Point(TraceContext.NONE, 0);
    }

    TracedTrade(TradeTraces traces, Trade trade) {
        this.traces = traces;
        this.trade = trade;
    }

    void begin() {
        long now = now();
        firstSeenNanos = now;
        receive = traces.tracer()
                .begin("feed:receive", SpanKind.INTERNAL, TraceContext.NONE, now)
                .tag("tsdash.symbol", trade.symbol())
                .tag("tsdash.sequence", trade.sequence())
                .tag("tsdash.lag_ms", (trade.receiveTimeNanos() - trade.eventTimeNanos()) / 1_000_000);
        sent = new Point(receive.context(), now);
    }

    void goOnFrom(TraceContext from, long sentNanos) {
        if (firstSeenNanos == 0) {
            firstSeenNanos = now();
        }
        sent = new Point(from, sentNanos);
    }

    /** Returns the trade. */
    public Trade trade() {
        return trade;
    }

    /** Returns the span that hands it to a bus: what comes out of the bus goes on from there. */
    public TraceContext context() {
        return sent.context;
    }

    /** The bus has taken it. */
    public void published() {
        receive.end(now());
    }

    /** The step that makes bars has it from the bus. */
    public void cameToBars(String bus) {
        atBars = carried(bus, "bars");
    }

    /**
     * The step that stores trades has it from the bus.
     *
     * @param stores how many will get it, at least 1
     */
    public void cameToStore(String bus, int stores) {
        endsToCome.addAndGet(stores - 1);
        atStore = carried(bus, "store");
    }

    /** It was added to the bars. */
    @SuppressWarnings("try") // the scope is there to be closed
    public void aggregated(long startNanos) {
        if (atBars.context.isPresent()) {
            Span aggregate = traces.tracer().begin("bars:aggregate", SpanKind.INTERNAL, atBars.context, startNanos);
            try (Span.Scope scope = aggregate.enter()) {
                traces.listener().onAggregated(trade, aggregate.context());
            }
            aggregate.end(now());
        }
    }

    /**
     * It is in the channels; returns what to do when the first client's socket has it. What is returned does its work once.
     */
    @SuppressWarnings("try") // the scope is there to be closed
    public Runnable distributed() {
        long now = now();
        Point from = atBars;
        end();
        if (!from.context.isPresent()) {
            return () -> {};
        }
        Span distribute = traces.tracer().begin("hub:distribute", SpanKind.INTERNAL, from.context, from.nanos);
        distribute.end(now);
        TraceContext context = distribute.context();
        AtomicBoolean shown = new AtomicBoolean();
        return () -> {
            if (shown.compareAndSet(false, true)) {
                long written = now();
                Span last = traces.tracer().begin("socket:first-write", SpanKind.INTERNAL, context, now);
                try (Span.Scope scope = last.enter()) {
                    traces.listener().onShown(trade, last.context(), written - firstSeenNanos);
                }
                last.end(written);
            }
        };
    }

    /**
     * A store has it.
     *
     * @param batch the span of the batch that it was in
     */
    @SuppressWarnings("try") // the scope is there to be closed
    public void stored(String store, TraceContext batch, long endNanos) {
        Point from = atStore;
        if (from.context.isPresent()) {
            Span write = traces.tracer()
                    .begin("db:write-trade", SpanKind.CLIENT, from.context, from.nanos)
                    .tag("db.system.name", store)
                    .link(batch);
            try (Span.Scope scope = write.enter()) {
                traces.listener().onStored(trade, write.context());
            }
            write.end(endNanos);
        }
        end();
    }

    private Point carried(String bus, String consumer) {
        long now = now();
        Point from = sent;
        if (!from.context.isPresent()) {
            return Point.NOWHERE;
        }
        Span span = traces.tracer()
                .begin(bus + ":carry", SpanKind.CONSUMER, from.context, Math.min(from.nanos, now))
                .tag("messaging.consumer.group.name", consumer);
        span.end(now);
        return new Point(span.context(), now);
    }

    private void end() {
        if (endsToCome.decrementAndGet() == 0) {
            traces.forget(trade);
        }
    }

    private long now() {
        return traces.time().epochNanos();
    }
}
