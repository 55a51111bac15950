package io.tsdash.examples.recipes;

import io.tsdash.aggregation.BarAggregator;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import java.util.List;

/** Bars of one minute from trades; nothing else of tsdash is needed. */
public final class BarsInFiveLines {
    private static final long HALF_PAST_TWO = 1_723_127_400_000_000_000L; // 2024-08-08T14:30Z
    private static final long SECOND = 1_000_000_000L;

    private BarsInFiveLines() {}

    /** Prints two bars. */
    public static void main(String[] args) {
        List<Trade> trades = List.of(
                Trade.of("AAPL", HALF_PAST_TWO + 5 * SECOND, 1, 150.25, 100),
                Trade.of("AAPL", HALF_PAST_TWO + 58 * SECOND, 2, 150.5, 200),
                Trade.of("AAPL", HALF_PAST_TWO + 61 * SECOND, 3, 150.4, 50));

        BarAggregator bars = BarAggregator.of(System.out::println, Interval.parse("1m"));
        for (Trade trade : trades) {
            bars.add(trade);
        }
        bars.close();
    }
}
