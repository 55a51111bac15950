package io.tsdash.examples.recipes;

import io.tsdash.aggregation.BarAggregator;
import io.tsdash.aggregation.BarRollUp;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;

/** Bars of five minutes from bars of one minute, without the trades. */
public final class RollUpBars {
    private static final long HALF_PAST_TWO = 1_723_127_400_000_000_000L; // 2024-08-08T14:30Z
    private static final long SECOND = 1_000_000_000L;

    private RollUpBars() {}

    /** Prints one bar. */
    public static void main(String[] args) {
        BarRollUp fiveMinutes = new BarRollUp(Interval.parse("5m"), System.out::println);
        BarAggregator minutes = BarAggregator.of(fiveMinutes::add, Interval.parse("1m"));
        minutes.add(Trade.of("AAPL", HALF_PAST_TWO, 1, 150.25, 100));
        minutes.add(Trade.of("AAPL", HALF_PAST_TWO + 70 * SECOND, 2, 150.75, 20));
        minutes.add(Trade.of("AAPL", HALF_PAST_TWO + 290 * SECOND, 3, 150.5, 30));
        minutes.close();
        fiveMinutes.close();
    }
}
