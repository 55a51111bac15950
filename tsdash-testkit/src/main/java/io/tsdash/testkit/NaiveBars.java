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
 * Bars as a batch over sorted trades gives them: the oracle for every faster way.
 *
 * <p>Nothing here is shared with the code under test but the model. Sums are decimals without rounding.
 */
public final class NaiveBars {
    private static final Comparator<Trade> ORDER =
            Comparator.comparingLong(Trade::eventTimeNanos).thenComparingLong(Trade::sequence);

    private NaiveBars() {}

    /** Returns what holds of these messages, sorted: of each identity the highest version, and no cancelled trade. */
    public static List<Trade> latest(Collection<Trade> messages) {
        Map<List<Object>, Trade> held = new HashMap<>();
        for (Trade trade : messages) {
            held.merge(
                    List.of(trade.symbol(), trade.eventTimeNanos(), trade.sequence()),
                    trade,
                    (a, b) -> b.version() > a.version() ? b : a);
        }
        List<Trade> latest = new ArrayList<>();
        held.values().stream().filter(trade -> !trade.cancelled()).sorted(ORDER).forEach(latest::add);
        return latest;
    }

    /** Returns all bars of one symbol and interval, in order of open time, as {@code CLOSED}, revision 0. */
    public static List<Bar> of(Collection<Trade> messages, String symbol, Interval interval) {
        Map<Long, List<Trade>> windows = new TreeMap<>();
        for (Trade trade : latest(messages)) {
            if (trade.symbol().equals(symbol) && (trade.setsPrice() || trade.countsVolume())) {
                long open = interval.openTimeNanos(trade.eventTimeNanos());
                while (interval.closeTimeNanos(open) > trade.eventTimeNanos()) {
                    windows.computeIfAbsent(open, time -> new ArrayList<>()).add(trade);
                    open = interval.previousOpenTimeNanos(open);
                }
            }
        }
        List<Bar> bars = new ArrayList<>();
        windows.forEach((open, trades) -> bars.add(bar(symbol, interval, open, trades)));
        return bars;
    }

    private static Bar bar(String symbol, Interval interval, long openTimeNanos, List<Trade> trades) {
        double[] prices = trades.stream()
                .filter(Trade::setsPrice)
                .mapToDouble(Trade::price)
                .toArray();
        BigDecimal volume = BigDecimal.ZERO;
        BigDecimal notional = BigDecimal.ZERO;
        double high = Double.NaN;
        double low = Double.NaN;
        for (double price : prices) {
            high = high >= price ? high : price;
            low = low <= price ? low : price;
        }
        for (Trade trade : trades) {
            if (trade.countsVolume()) {
                BigDecimal size = new BigDecimal(Double.toString(trade.volume()));
                volume = volume.add(size);
                notional = notional.add(size.multiply(new BigDecimal(Double.toString(trade.price()))));
            }
        }
        return new Bar(
                symbol,
                interval,
                openTimeNanos,
                interval.closeTimeNanos(openTimeNanos),
                prices.length == 0 ? Double.NaN : prices[0],
                high,
                low,
                prices.length == 0 ? Double.NaN : prices[prices.length - 1],
                volume.doubleValue(),
                notional.doubleValue(),
                trades.size(),
                trades.get(0).eventTimeNanos(),
                trades.get(trades.size() - 1).eventTimeNanos(),
                0,
                BarState.CLOSED);
    }
}
