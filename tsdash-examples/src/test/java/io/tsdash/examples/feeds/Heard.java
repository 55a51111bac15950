package io.tsdash.examples.feeds;

import io.tsdash.examples.Eventually;
import io.tsdash.model.Quote;
import io.tsdash.model.Trade;
import io.tsdash.source.Backfill;
import io.tsdash.source.ConnectionState;
import io.tsdash.source.FeedListener;
import io.tsdash.source.Gap;
import io.tsdash.source.Refused;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** Keeps all that a feed delivers. */
class Heard implements FeedListener {
    final ConcurrentLinkedQueue<Trade> tradeQueue = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<Quote> quoteQueue = new ConcurrentLinkedQueue<>();
    private final Map<String, Long> newest = new ConcurrentHashMap<>();
    final List<Gap> gaps = new CopyOnWriteArrayList<>();
    final List<Backfill> backfills = new CopyOnWriteArrayList<>();
    final List<String> states = new CopyOnWriteArrayList<>();
    final List<Refused> refused = new CopyOnWriteArrayList<>();
    final List<Long> skews = new CopyOnWriteArrayList<>();
    final AtomicInteger tradeCount = new AtomicInteger();
    final AtomicInteger quoteCount = new AtomicInteger();

    @Override
    public void onTrade(Trade trade) {
        tradeQueue.add(trade);
        tradeCount.incrementAndGet();
    }

    @Override
    public void onQuote(Quote quote) {
        quoteQueue.add(quote);
        newest.put(quote.symbol(), quote.sequence());
        quoteCount.incrementAndGet();
    }

    @Override
    public void onGap(Gap gap) {
        gaps.add(gap);
    }

    @Override
    public void onBackfill(Backfill backfill) {
        backfills.add(backfill);
    }

    @Override
    public void onClockSkew(long nanos) {
        skews.add(nanos);
    }

    @Override
    public void onState(ConnectionState state, String reason) {
        states.add(state + " " + reason);
    }

    @Override
    public void onRefused(Refused input) {
        refused.add(input);
    }

    List<Trade> trades() {
        return List.copyOf(tradeQueue);
    }

    List<Trade> trades(String symbol) {
        return tradeQueue.stream()
                .filter(trade -> trade.symbol().equals(symbol))
                .toList();
    }

    List<Quote> quotes() {
        return List.copyOf(quoteQueue);
    }

    /** Returns the sequence of the newest quote of a symbol; 0 if there is none. */
    long newestQuote(String symbol) {
        Long sequence = newest.get(symbol);
        return sequence == null ? 0 : sequence;
    }

    void awaitTrades(int count) {
        await(count + " trades", heard -> heard.tradeCount.get() >= count);
    }

    void awaitState(String beginning) {
        await("state " + beginning, heard -> heard.states.stream().anyMatch(state -> state.startsWith(beginning)));
    }

    void await(String what, Predicate<Heard> condition) {
        try {
            Eventually.holds(what, Duration.ofSeconds(40), () -> condition.test(this));
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; heard " + this, e);
        }
    }

    @Override
    public String toString() {
        return tradeCount + " trades, " + quoteCount + " quotes, gaps " + shown(gaps) + ", back-fills "
                + shown(backfills) + ", states " + states + ", refused " + shown(refused);
    }

    private static String shown(List<?> all) {
        return all.size() + " " + all.stream().limit(5).toList();
    }
}
