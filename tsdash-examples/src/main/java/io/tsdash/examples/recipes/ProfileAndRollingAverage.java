package io.tsdash.examples.recipes;

import io.tsdash.aggregation.RollingAverage;
import io.tsdash.aggregation.VolumeProfile;
import io.tsdash.aggregation.VolumeProfileAggregator;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import java.time.Duration;
import java.util.List;

/** How much was traded at which price in five minutes, and the average price of the last 30 seconds. */
public final class ProfileAndRollingAverage {
    private static final long HALF_PAST_TWO = 1_723_127_400_000_000_000L; // 2024-08-08T14:30Z
    private static final long SECOND = 1_000_000_000L;

    private ProfileAndRollingAverage() {}

    /** Prints the average after each trade, and the profile at the end. */
    public static void main(String[] args) {
        List<Trade> trades = List.of(
                Trade.of("AAPL", HALF_PAST_TWO, 1, 150.1, 100),
                Trade.of("AAPL", HALF_PAST_TWO + 20 * SECOND, 2, 150.3, 300),
                Trade.of("AAPL", HALF_PAST_TWO + 45 * SECOND, 3, 150.4, 100));

        RollingAverage rolling = new RollingAverage(Duration.ofSeconds(30));
        try (VolumeProfileAggregator profiles = VolumeProfileAggregator.of(
                Interval.parse("5m"),
                0.25,
                Duration.ofSeconds(5),
                ProfileAndRollingAverage::print,
                (trade, outcome) -> System.out.println("trade " + trade.sequence() + " is " + outcome))) {
            for (Trade trade : trades) {
                profiles.add(trade);
                rolling.add(trade);
                rolling.latest("AAPL")
                        .ifPresent(value -> System.out.println("average " + value.average() + " and vwap "
                                + value.vwap() + " of " + value.tradeCount()));
            }
        }
    }

    private static void print(VolumeProfile profile) {
        for (VolumeProfile.Level level : profile.levels()) {
            System.out.println("from " + level.price() + ": volume " + level.volume());
        }
    }
}
