package io.tsdash.testkit;

import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Bars as a batch over all trades, sorted: the definition that every engine is held against.
 *
 * <p>Written to be seen to be right, not to be fast: one identity counts once, in its highest version; a cancelled one
 * counts not at all; sums are exact, over the decimals that the doubles stand for.
 */
public final class NaiveBars {
    private record Identity(String symbol, long eventTimeNanos, long sequence) {}

    private record Window(String symbol, long openTimeNanos) {}

    private NaiveBars() {}

    /**
     * Returns the bars of all trades, by open time and symbol.
     *
     * @param trades trades, corrections and cancels, in any order, with any repetition
     * @param interval any interval; with a hopping one, a trade is in several bars
     */
    public static List<Bar> of(Collection<Trade> trades, Interval interval) {
        Map<Identity, Trade> latest = new HashMap<>();
        for (Trade trade : trades) {
            latest.merge(
                    new Identity(trade.symbol(), trade.eventTimeNanos(), trade.sequence()),
                    trade,
                    (a, b) -> b.version() > a.version() ? b : a);
        }
        List<Trade> sorted = new ArrayList<>(latest.values());
        sorted.removeIf(trade -> trade.cancelled() || !(trade.setsPrice() || trade.countsVolume()));
        sorted.sort(Comparator.comparingLong(Trade::eventTimeNanos).thenComparingLong(Trade::sequence));
        Map<Window, List<Trade>> windows =
                new TreeMap<>(Comparator.comparingLong(Window::openTimeNanos).thenComparing(Window::symbol));
        for (Trade trade : sorted) {
            long time = trade.eventTimeNanos();
            long open = interval.openTimeNanos(time);
            while (interval.closeTimeNanos(open) > time) {
                windows.computeIfAbsent(new Window(trade.symbol(), open), window -> new ArrayList<>())
                        .add(trade);
                open = interval.previousOpenTimeNanos(open);
            }
        }
        List<Bar> bars = new ArrayList<>();
        windows.forEach((window, inWindow) -> bars.add(bar(window, interval, inWindow)));
        return bars;
    }

    private static Bar bar(Window window, Interval interval, List<Trade> trades) {
        List<Double> prices =
                trades.stream().filter(Trade::setsPrice).map(Trade::price).toList();
        BigDecimal volume = BigDecimal.ZERO;
        BigDecimal notional = BigDecimal.ZERO;
        for (Trade trade : trades) {
            if (trade.countsVolume()) {
                volume = volume.add(decimal(trade.volume()));
                notional = notional.add(decimal(trade.price()).multiply(decimal(trade.volume())));
            }
        }
        boolean priced = !prices.isEmpty();
        return new Bar(
                window.symbol(),
                interval,
                window.openTimeNanos(),
                interval.closeTimeNanos(window.openTimeNanos()),
                priced ? prices.get(0) : Double.NaN,
                prices.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN),
                prices.stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN),
                priced ? prices.get(prices.size() - 1) : Double.NaN,
                volume.doubleValue(),
                notional.doubleValue(),
                trades.size(),
                trades.get(0).eventTimeNanos(),
                trades.get(trades.size() - 1).eventTimeNanos(),
                0,
                BarState.CLOSED);
    }

    private static BigDecimal decimal(double value) {
        return new BigDecimal(Double.toString(value));
    }
}
