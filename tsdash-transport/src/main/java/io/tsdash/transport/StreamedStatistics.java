package io.tsdash.transport;

import io.tsdash.model.Trade;
import io.tsdash.store.MarketStore;
import io.tsdash.store.TradeRange;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Figures made by streaming a range of trades once. Thread-safe. */
final class StreamedStatistics implements TradeStatistics {
    /** Some seconds of work: a wider range is a question for bars. */
    private static final long TRADES_MAX = 5_000_000;

    private final MarketStore store;

    StreamedStatistics(MarketStore store) {
        this.store = store;
    }

    @Override
    public Vwap vwap(String symbol, long fromNanos, long toNanos) {
        Sums sums = new Sums();
        stream(symbol, fromNanos, toNanos, sums::add);
        return new Vwap(sums.vwap(), sums.volume.value(), sums.trades);
    }

    @Override
    public List<Level> profile(String symbol, double step, long fromNanos, long toNanos) {
        BigDecimal exactStep = BigDecimal.valueOf(step);
        TreeMap<BigDecimal, Sums> levels = new TreeMap<>();
        stream(symbol, fromNanos, toNanos, trade -> {
            if (trade.setsPrice() || trade.countsVolume()) {
                BigDecimal level = BigDecimal.valueOf(trade.price())
                        .divide(exactStep, 0, RoundingMode.FLOOR)
                        .multiply(exactStep);
                levels.computeIfAbsent(level.stripTrailingZeros(), any -> new Sums())
                        .add(trade);
            }
        });
        List<Level> answer = new ArrayList<>(levels.size());
        levels.forEach((price, sums) -> answer.add(new Level(price.doubleValue(), sums.volume.value(), sums.trades)));
        return answer;
    }

    @Override
    public List<Point> rolling(String symbol, Duration window, long fromNanos, long toNanos, int limit) {
        long windowNanos = window.toNanos();
        ArrayDeque<Trade> inside = new ArrayDeque<>();
        List<Point> points = new ArrayList<>();
        Sums sums = new Sums();
        long warmFrom = Math.max(0, fromNanos - windowNanos);
        stream(symbol, warmFrom, toNanos, trade -> {
            if (points.size() == limit) {
                return;
            }
            inside.addLast(trade);
            sums.add(trade);
            while (inside.getFirst().eventTimeNanos() <= trade.eventTimeNanos() - windowNanos) {
                sums.subtract(inside.removeFirst());
            }
            if (trade.eventTimeNanos() >= fromNanos) {
                points.add(new Point(trade.eventTimeNanos(), sums.average(), sums.vwap(), sums.trades));
            }
        });
        return points;
    }

    private void stream(String symbol, long fromNanos, long toNanos, Consumer<Trade> consumer) {
        long count = store.trades(TradeRange.of(symbol, fromNanos, toNanos, TRADES_MAX), consumer);
        if (count == TRADES_MAX) {
            throw ProblemException.badRequest(
                    "the range held more than " + TRADES_MAX + " trades but it must not: narrow it, or ask for bars");
        }
    }

    /** Sums over trades, from which they can be taken out again. */
    private static final class Sums {
        final Sum volume = new Sum();
        private final Sum notional = new Sum();
        private final Sum prices = new Sum();
        private long priced;
        private long weighed;
        private long trades;

        void add(Trade trade) {
            change(trade, 1);
        }

        void subtract(Trade trade) {
            change(trade, -1);
        }

        double vwap() {
            return weighed == 0 ? Double.NaN : notional.value() / volume.value();
        }

        double average() {
            return priced == 0 ? Double.NaN : prices.value() / priced;
        }

        private void change(Trade trade, int sign) {
            if (trade.countsVolume()) {
                double product = trade.price() * trade.volume();
                notional.add(sign * product);
                notional.add(sign * Math.fma(trade.price(), trade.volume(), -product));
                volume.add(sign * trade.volume());
                weighed += sign;
            }
            if (trade.setsPrice()) {
                prices.add(sign * trade.price());
                priced += sign;
            }
            if (trade.setsPrice() || trade.countsVolume()) {
                trades += sign;
            }
        }
    }

    /** A sum in twice the precision (Knuth's TwoSum). */
    private static final class Sum {
        private double high;
        private double low;

        void add(double value) {
            double sum = high + value;
            double part = sum - high;
            low += (high - (sum - part)) + (value - part);
            high = sum;
        }

        double value() {
            return high + low;
        }
    }
}
