package io.tsdash.transport;

import io.tsdash.distribution.Refusal;
import io.tsdash.distribution.SubscriptionListener;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.Span;
import io.tsdash.trace.SpanKind;
import java.util.Optional;

/**
 * The spans of one subscription, from its command to the first that its client gets:
 *
 * <pre>websocket:price-subscription
 * ├─ auth:verify-token
 * ├─ db:load-user-watchlist
 * ├─ BUS:subscribe-symbols
 * └─ websocket:wait-first-message
 *    └─ db:query-price</pre>
 *
 * <p>Thread-safe.
 */
final class SubscriptionTrace implements SubscriptionListener {
    private final Tracing tracing;
    private final TimeSource time;
    private final Span whole;
    private Span step = Span.none();
    private boolean over;

    SubscriptionTrace(Tracing tracing, TimeSource time, Span whole) {
        this.tracing = tracing;
        this.time = time;
        this.whole = whole;
    }

    /** Begins to read the user's watch-list; the caller ends what is returned. */
    Span loading() {
        return begin("db:load-user-watchlist", SpanKind.CLIENT, whole);
    }

    /** The hub is asked. */
    synchronized void subscribing(int channels) {
        step = begin(tracing.bus() + ":subscribe-symbols", SpanKind.INTERNAL, whole)
                .tag("tsdash.channels", channels);
    }

    @Override
    public synchronized void subscribed(Optional<Refusal> refusal) {
        step.end(time.epochNanos());
        if (refusal.isPresent()) {
            end(refusal.get().message());
        } else if (!over) {
            step = begin("websocket:wait-first-message", SpanKind.INTERNAL, whole);
        }
    }

    /** Begins to look for a price that is not live; the caller ends what is returned. */
    synchronized Span querying(String symbol) {
        return begin("db:query-price", SpanKind.CLIENT, step).tag("tsdash.symbol", symbol);
    }

    @Override
    public synchronized void shown() {
        step.end(time.epochNanos());
        end("");
    }

    @Override
    public void gone() {
        failed("the session ended before anything was sent");
    }

    /** The subscription came to nothing. */
    synchronized void failed(String why) {
        step.end(time.epochNanos());
        end(why);
    }

    private void end(String problem) {
        if (!over) {
            over = true;
            if (!problem.isEmpty()) {
                whole.failed(problem);
            }
            whole.end(time.epochNanos());
        }
    }

    private Span begin(String name, SpanKind kind, Span parent) {
        return tracing.tracer().begin(name, kind, parent.context(), time.epochNanos());
    }
}
