package io.tsdash.pipeline;

import io.tsdash.aggregation.Outcome;
import io.tsdash.bus.EventBus;
import io.tsdash.error.TransientException;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Quote;
import io.tsdash.model.Trade;
import io.tsdash.source.Backfill;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.FeedListener;
import io.tsdash.source.Gap;
import io.tsdash.source.Refused;
import io.tsdash.trace.TracedTrade;
import io.tsdash.trace.TradeTraces;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Puts what a feed delivers on the bus; waits while the bus is full, which holds the feed back.
 *
 * <p>An event from too far in the future is set aside here: it would move clocks that nothing moves back. Thread-safe.
 */
final class FeedPublisher implements FeedListener {
    // Far more than a way's delay, far less than what sets events aside.
    private static final long SKEW_SHOWN_MILLIS = 250;

    private final EventBus bus;
    private final PipelineListener listener;
    private final FarAhead farAhead;
    private final TradeTraces traces;
    final LongAdder trades = new LongAdder();
    final LongAdder quotes = new LongAdder();
    final LongAdder published = new LongAdder();
    final LongAdder notPublished = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder tooFarAhead = new LongAdder();
    final LongAdder gaps = new LongAdder();
    private volatile boolean closing;
    private volatile long skewNanos;
    private volatile ConnectionState state = ConnectionState.CONNECTING;
    private volatile String reason = "not started";

    FeedPublisher(EventBus bus, FarAhead farAhead, PipelineListener listener, TradeTraces traces) {
        this.bus = bus;
        this.farAhead = farAhead;
        this.listener = listener;
        this.traces = traces;
    }

    @Override
    public void onTrade(Trade trade) {
        trades.increment();
        TracedTrade traced = traces.received(trade);
        publish(trade);
        if (traced != null) {
            traced.published();
        }
    }

    @Override
    public void onQuote(Quote quote) {
        quotes.increment();
        publish(quote);
    }

    @Override
    public void onGap(Gap gap) {
        gaps.increment();
        listener.onGap(gap);
    }

    @Override
    public void onBackfill(Backfill backfill) {
        listener.onBackfill(backfill);
    }

    @Override
    public void onClockSkew(long nanos) {
        skewNanos = nanos;
        listener.onClockSkew(nanos);
    }

    @Override
    public void onState(ConnectionState newState, String newReason) {
        state = newState;
        reason = newReason;
        listener.onFeedState(newState, newReason);
    }

    @Override
    public void onRefused(Refused input) {
        refused.increment();
        listener.onRefused(input);
    }

    ConnectionState state() {
        return state;
    }

    /** Returns why the feed is in its state; with the clocks' difference where it is one that people should see to. */
    String reason() {
        long skewMillis = TimeUnit.NANOSECONDS.toMillis(skewNanos);
        if (Math.abs(skewMillis) < SKEW_SHOWN_MILLIS) {
            return reason;
        }
        return reason + "; our clock is " + Math.abs(skewMillis) + " ms " + (skewMillis < 0 ? "behind" : "ahead of")
                + " the venue's";
    }

    /** From here on an event that finds the bus full is given up after one timeout. */
    void close() {
        closing = true;
    }

    private void publish(MarketEvent event) {
        if (farAhead.isFarAhead(event)) {
            tooFarAhead.increment();
            listener.onSetAside(event, Outcome.TOO_FAR_AHEAD);
            return;
        }
        while (true) {
            try {
                bus.publish(event);
                published.increment();
                return;
            } catch (TransientException e) {
                listener.onNotPublished(e);
                if (closing) {
                    notPublished.increment();
                    return;
                }
            } catch (RuntimeException e) {
                notPublished.increment();
                listener.onNotPublished(e);
                return;
            }
        }
    }
}
