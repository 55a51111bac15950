package io.tsdash.transport;

import io.tsdash.aggregation.RollingAverage;
import io.tsdash.model.DecimalSum;
import io.tsdash.model.Trade;
import io.tsdash.store.MarketStore;
import io.tsdash.store.TradeRange;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
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
        RollingAverage average = new RollingAverage(window);
        List<Point> points = new ArrayList<>();
        stream(symbol, Math.max(0, fromNanos - window.toNanos()), toNanos, trade -> {
            average.add(trade);
            if (trade.eventTimeNanos() >= fromNanos && points.size() < limit) {
                average.latest(symbol)
                        .ifPresent(value -> points.add(
                                new Point(trade.eventTimeNanos(), value.average(), value.vwap(), value.tradeCount())));
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

    /** Volume, and price by volume, of some trades. */
    private static final class Sums {
        final DecimalSum volume = new DecimalSum();
        private final DecimalSum notional = new DecimalSum();
        private long weighed;
        private long trades;

        void add(Trade trade) {
            if (trade.countsVolume()) {
                volume.add(trade.volume());
                notional.addProduct(trade.price(), trade.volume());
                weighed++;
            }
            if (trade.setsPrice() || trade.countsVolume()) {
                trades++;
            }
        }

        double vwap() {
            return weighed == 0 ? Double.NaN : notional.value() / volume.value();
        }
    }
}
