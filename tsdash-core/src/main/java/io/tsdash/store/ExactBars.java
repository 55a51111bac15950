package io.tsdash.store;

import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Trade;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Bars of one symbol out of its sorted trades, in the plainest way: sums are decimals without rounding.
 *
 * <p>Slow, and by that easy to trust. Single-threaded.
 */
final class ExactBars {
    // Leaves room for the longest interval before the nanoseconds of a long end, in the year 2262.
    private static final long LAST_MOMENT_NANOS = Long.MAX_VALUE - 400L * 86_400_000_000_000L;

    private final BarRange range;
    private final Map<Long, Window> windows = new TreeMap<>();

    ExactBars(BarRange range) {
        this.range = range;
    }

    /** Returns the end of the last window that opens in the range: no trade from there on belongs to a bar of it. */
    long tradesEndNanos() {
        if (range.fromNanos() == range.toNanos()) {
            return range.fromNanos();
        }
        long lastMoment = Math.min(range.toNanos() - 1, LAST_MOMENT_NANOS);
        return range.interval().closeTimeNanos(range.interval().openTimeNanos(lastMoment));
    }

    /** Takes the next trade in order of (event time, sequence). */
    void add(Trade trade) {
        if (!trade.setsPrice() && !trade.countsVolume()) {
            return;
        }
        long open = range.interval().openTimeNanos(trade.eventTimeNanos());
        while (range.interval().closeTimeNanos(open) > trade.eventTimeNanos()) {
            if (open >= range.fromNanos() && open < range.toNanos()) {
                windows.computeIfAbsent(open, time -> new Window()).add(trade);
            }
            open = range.interval().previousOpenTimeNanos(open);
        }
    }

    /** Returns the bars of what was added, in order of open time. */
    List<Bar> bars() {
        return windows.entrySet().stream()
                .map(entry -> entry.getValue().bar(range, entry.getKey()))
                .toList();
    }

    private static final class Window {
        private double open = Double.NaN;
        private double high = Double.NaN;
        private double low = Double.NaN;
        private double close = Double.NaN;
        private BigDecimal volume = BigDecimal.ZERO;
        private BigDecimal notional = BigDecimal.ZERO;
        private long tradeCount;
        private long firstEventNanos;
        private long lastEventNanos;

        void add(Trade trade) {
            if (trade.setsPrice()) {
                boolean first = Double.isNaN(open);
                open = first ? trade.price() : open;
                high = first ? trade.price() : Math.max(high, trade.price());
                low = first ? trade.price() : Math.min(low, trade.price());
                close = trade.price();
            }
            if (trade.countsVolume()) {
                BigDecimal size = new BigDecimal(Double.toString(trade.volume()));
                volume = volume.add(size);
                notional = notional.add(size.multiply(new BigDecimal(Double.toString(trade.price()))));
            }
            firstEventNanos = tradeCount == 0 ? trade.eventTimeNanos() : firstEventNanos;
            lastEventNanos = trade.eventTimeNanos();
            tradeCount++;
        }

        Bar bar(BarRange range, long openTimeNanos) {
            return new Bar(
                    range.symbol(),
                    range.interval(),
                    openTimeNanos,
                    range.interval().closeTimeNanos(openTimeNanos),
                    open,
                    high,
                    low,
                    close,
                    volume.doubleValue(),
                    notional.doubleValue(),
                    tradeCount,
                    firstEventNanos,
                    lastEventNanos,
                    0,
                    BarState.CLOSED);
        }
    }
}
