package io.tsdash.trace;

import io.tsdash.model.MarketEvent;
import io.tsdash.model.Trade;
import io.tsdash.resilience.RateLimit;
import io.tsdash.resilience.TokenBucket;
import io.tsdash.time.TimeSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Follows a share of the trades from the feed to store and sockets.
 *
 * <p>Whether a trade is followed its identity decides, by a hash: so all steps, and all servers with the same share, choose the same
 * ones, events carry nothing, and a trade that is not followed costs a step some nanoseconds. Of the share at most so many a second
 * begin here; of the others the steps find nothing, and they are counted. What is known of those under way lies in a table of
 * {@value #CAPACITY}; the oldest leaves it when it is full, and the rest of its way is not recorded, which is counted.
 * Thread-safe.
 */
public final class TradeTraces {
    /** How many trades may be under way. */
    public static final int CAPACITY = 8_192;

    private static final TradeTraces NONE =
            new TradeTraces(Tracer.none(), new TradeSample(0, 1), TradeTraceListener.none(), TimeSource.system());

    private final Tracer tracer;
    private final long threshold;
    private final TokenBucket beginnings;
    private final TradeTraceListener listener;
    private final TimeSource time;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Key, TracedTrade> underWay = new LinkedHashMap<>();
    /** Whether the table has any: while it is empty, as mostly between two followed trades, nothing is looked up. */
    private volatile boolean anyUnderWay;

    private final LongAdder evicted = new LongAdder();
    private final LongAdder skipped = new LongAdder();

    /**
     * Makes an empty table.
     *
     * @param tracer records the spans
     * @param sample which trades are followed
     * @param listener hears of those that got to a client
     * @param time the clock of the spans
     */
    public TradeTraces(Tracer tracer, TradeSample sample, TradeTraceListener listener, TimeSource time) {
        this.tracer = tracer;
        this.threshold = (long) (sample.share() * (1L << 32));
        this.beginnings = TokenBucket.of(RateLimit.perSecond(sample.perSecondMax()), time);
        this.listener = listener;
        this.time = time;
    }

    /** Returns what follows none. */
    public static TradeTraces none() {
        return NONE;
    }

    /** Returns whether any are followed. */
    public boolean isOn() {
        return threshold != 0;
    }

    /** Returns whether this trade is one of the share. */
    public boolean covers(Trade trade) {
        // The finaliser of a generator (Steele, Lea and Flood 2014, "Fast Splittable Pseudorandom Number Generators").
        long hash = trade.eventTimeNanos() * 0x9E3779B97F4A7C15L + trade.sequence();
        hash = (hash ^ (hash >>> 30)) * 0xBF58476D1CE4E5B9L;
        hash = (hash ^ (hash >>> 27)) * 0x94D049BB133111EBL;
        return (hash >>> 32) < threshold;
    }

    /**
     * Begins a trace with the span {@code feed:receive}; returns null if the trade is not covered, or too many began in this second.
     */
    public @Nullable TracedTrade received(Trade trade) {
        if (threshold == 0 || !covers(trade)) {
            return null;
        }
        if (!beginnings.tryAcquire()) {
            skipped.increment();
            return null;
        }
        TracedTrade traced = add(trade);
        traced.begin();
        return traced;
    }

    /**
     * Goes on with a trace of another process, or of this one, which came with the trade over a bus.
     *
     * @param from the span that handed it to the bus
     * @param sentNanos when that was, in nanoseconds since the epoch
     */
    public void carried(Trade trade, TraceContext from, long sentNanos) {
        if (threshold != 0 && from.isPresent() && covers(trade)) {
            add(trade).goOnFrom(from, sentNanos);
        }
    }

    /** Returns what is known of a trade; null if it is not followed. */
    public @Nullable TracedTrade find(Trade trade) {
        if (!anyUnderWay || !covers(trade)) {
            return null;
        }
        lock.lock();
        try {
            return underWay.get(Key.of(trade));
        } finally {
            lock.unlock();
        }
    }

    /** Returns those of a batch that are followed. */
    public List<TracedTrade> of(List<? extends MarketEvent> batch) {
        if (!anyUnderWay) {
            return List.of();
        }
        List<TracedTrade> found = Collections.emptyList();
        for (int i = 0; i < batch.size(); i++) {
            TracedTrade traced = batch.get(i) instanceof Trade trade ? find(trade) : null;
            if (traced != null) {
                if (found.isEmpty()) {
                    found = new ArrayList<>(2);
                }
                found.add(traced);
            }
        }
        return found;
    }

    /** Returns what records the spans. */
    public Tracer tracer() {
        return tracer;
    }

    /** Returns how many left the table before the end of their way. */
    public long evicted() {
        return evicted.sum();
    }

    /** Returns how many of the share were not followed, since too many began in their second. */
    public long skipped() {
        return skipped.sum();
    }

    /** Forgets a trade that has come to all of its ends. */
    void forget(Trade trade) {
        lock.lock();
        try {
            underWay.remove(Key.of(trade));
            anyUnderWay = !underWay.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    TradeTraceListener listener() {
        return listener;
    }

    TimeSource time() {
        return time;
    }

    /** Returns what is known of a trade, which begins here if nothing is. */
    private TracedTrade add(Trade trade) {
        lock.lock();
        try {
            TracedTrade traced = underWay.computeIfAbsent(Key.of(trade), key -> new TracedTrade(this, trade));
            if (underWay.size() > CAPACITY) {
                underWay.remove(underWay.keySet().iterator().next());
                evicted.increment();
            }
            anyUnderWay = true;
            return traced;
        } finally {
            lock.unlock();
        }
    }

    /** A trade's identity, with its version: a correction goes a way of its own. */
    private record Key(String symbol, long eventTimeNanos, long sequence, int version) {
        static Key of(Trade trade) {
            return new Key(trade.symbol(), trade.eventTimeNanos(), trade.sequence(), trade.version());
        }
    }
}
