package io.tsdash.pipeline;

import io.tsdash.distribution.MarketChannels;
import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import io.tsdash.store.TradeRange;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the bars back to where they were, from what the store acknowledged.
 *
 * <p>Trades are newer in the store than bars, which are made of them. So, for each symbol: a window that was open or might
 * still be revised goes on from bars on demand up to a moment before its last trades, and from there on the trades
 * themselves are added again. What was sent as closed keeps its revision and counts on.
 */
final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);
    private static final Interval BASE = Interval.of(Duration.ofMinutes(1));
    private static final Duration MARGIN = Duration.ofSeconds(10);
    private static final int NO_LIMIT = Integer.MAX_VALUE;

    private final MarketStore store;
    private final List<Interval> intervals;
    private final long reachNanos;

    Recovery(MarketStore store, List<Interval> intervals, Duration lateness) {
        this.store = store;
        this.intervals = intervals;
        this.reachNanos = lateness.plus(MARGIN).toNanos();
    }

    void run(String feed, ToIntFunction<String> partitionOf, BarStage bars, MarketChannels channels)
            throws InterruptedException {
        List<String> symbols = store.symbols();
        channels.declare(feed, symbols);
        long replayed = 0;
        for (String symbol : symbols) {
            Optional<Trade> last = store.lastTrade(symbol);
            if (last.isPresent()) {
                Deque<Trade> newest = new ArrayDeque<>();
                replayed += restore(partitionOf.applyAsInt(symbol), last.get(), bars, trade -> {
                    if (newest.size() == channels.tradesKept()) {
                        newest.removeFirst();
                    }
                    newest.addLast(trade);
                });
                channels.goOn(feed, last.get(), newest);
            }
        }
        if (!symbols.isEmpty()) {
            LOG.info("went on from the store: {} symbols, {} trades added again", symbols.size(), replayed);
        }
    }

    private long restore(int partition, Trade newest, BarStage bars, Consumer<Trade> replayed) {
        String symbol = newest.symbol();
        long from = Math.max(0, BASE.openTimeNanos(newest.eventTimeNanos() - reachNanos));
        for (Interval interval : intervals) {
            long firstOpen = interval.openTimeNanos(from);
            if (interval.isHopping()) {
                for (long open = interval.previousOpenTimeNanos(firstOpen);
                        interval.closeTimeNanos(open) > from;
                        open = interval.previousOpenTimeNanos(open)) {
                    firstOpen = open;
                }
            }
            List<Bar> sent = store.bars(BarRange.of(symbol, interval, firstOpen, Long.MAX_VALUE, NO_LIMIT));
            for (Bar window : sent) {
                bars.restore(partition, window, before(window, from));
            }
            for (long open = interval.openTimeNanos(from);
                    open >= firstOpen && open < from;
                    open = interval.previousOpenTimeNanos(open)) {
                long at = open;
                if (sent.stream().noneMatch(window -> window.openTimeNanos() == at)) {
                    Bar window = openWindow(symbol, interval, open);
                    bars.restore(partition, window, before(window, from));
                }
            }
        }
        return store.trades(
                TradeRange.of(symbol, from, Long.MAX_VALUE, Long.MAX_VALUE).includingCancels(), trade -> {
                    bars.replay(partition, trade);
                    replayed.accept(trade);
                });
    }

    /** What the window holds of trades before this time. */
    private List<Bar> before(Bar window, long nanos) {
        return window.openTimeNanos() >= nanos
                ? List.of()
                : store.barsOnDemand(BarRange.of(window.symbol(), BASE, window.openTimeNanos(), nanos, NO_LIMIT));
    }

    private static Bar openWindow(String symbol, Interval interval, long open) {
        return new Bar(
                symbol,
                interval,
                open,
                interval.closeTimeNanos(open),
                Double.NaN,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                0,
                0,
                0,
                0,
                0,
                0,
                BarState.OPEN);
    }
}
