package io.tsdash.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.aggregation.RollingAverage;
import io.tsdash.aggregation.RollingValue;
import io.tsdash.aggregation.VolumeProfile;
import io.tsdash.aggregation.VolumeProfileAggregator;
import io.tsdash.model.Interval;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class RollingAndProfilePropertyTest {
    private static final long START = 1_723_161_254_000_000_000L;
    private static final long SECOND = 1_000_000_000L;
    private static final long SIZE = 30 * SECOND;
    private static final Interval FIVE_MINUTES = Interval.parse("5m");
    private static final double STEP = 0.05;

    @Property(tries = 500)
    void rollingAveragesAreThoseOfTheTradesOfTheLastThirtySeconds(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 200) int size) {
        List<Trade> arrivals = arrivals(new Random(seed), size);
        RollingAverage rolling = new RollingAverage(Duration.ofSeconds(30));
        List<Trade> seen = new ArrayList<>();
        long newest = Long.MIN_VALUE;
        for (Trade trade : arrivals) {
            rolling.add(trade);
            seen.add(trade);
            newest = Math.max(newest, trade.eventTimeNanos());
            long from = newest - SIZE;
            List<Trade> inside = NaiveBars.latest(seen).stream()
                    .filter(each -> each.eventTimeNanos() > from)
                    .filter(each -> each.setsPrice() || each.countsVolume())
                    .toList();
            assertThat(rolling.latest("A").map(RollingValue::tradeCount).orElse(0L))
                    .isEqualTo(inside.size());
            if (!inside.isEmpty()) {
                RollingValue value = rolling.latest("A").orElseThrow();
                BigDecimal volume = inside.stream()
                        .filter(Trade::countsVolume)
                        .map(each -> decimal(each.volume()))
                        .reduce(BigDecimal.ZERO, BigDecimal::add);
                assertThat(value.volume()).isEqualTo(volume.doubleValue());
                List<Trade> priced = inside.stream().filter(Trade::setsPrice).toList();
                if (!priced.isEmpty()) {
                    double sum = priced.stream()
                            .map(each -> decimal(each.price()))
                            .reduce(BigDecimal.ZERO, BigDecimal::add)
                            .doubleValue();
                    assertThat(value.average()).isEqualTo(sum / priced.size());
                }
            }
        }
    }

    @Property(tries = 500)
    void volumeProfilesAreThoseOfABatchWhateverTheOrder(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 200) int size) {
        List<Trade> arrivals = arrivals(new Random(seed), size);
        Map<Long, List<VolumeProfile.Level>> sent = new TreeMap<>();
        VolumeProfileAggregator profiles = VolumeProfileAggregator.of(
                FIVE_MINUTES,
                STEP,
                Duration.ofSeconds(20),
                profile -> sent.put(profile.openTimeNanos(), profile.levels()),
                (trade, outcome) -> {});
        arrivals.forEach(profiles::add);
        profiles.close();
        sent.values().removeIf(List::isEmpty);
        assertThat(sent).isEqualTo(naiveProfiles(arrivals));
    }

    private static Map<Long, List<VolumeProfile.Level>> naiveProfiles(List<Trade> arrivals) {
        Map<Long, TreeMap<BigDecimal, List<Trade>>> windows = new TreeMap<>();
        for (Trade trade : NaiveBars.latest(arrivals)) {
            if (trade.countsVolume()) {
                BigDecimal level = decimal(trade.price())
                        .divide(decimal(STEP), 0, RoundingMode.FLOOR)
                        .multiply(decimal(STEP));
                windows.computeIfAbsent(FIVE_MINUTES.openTimeNanos(trade.eventTimeNanos()), open -> new TreeMap<>())
                        .computeIfAbsent(level, price -> new ArrayList<>())
                        .add(trade);
            }
        }
        Map<Long, List<VolumeProfile.Level>> profiles = new TreeMap<>();
        windows.forEach((open, levels) -> {
            List<VolumeProfile.Level> of = new ArrayList<>();
            levels.forEach((price, trades) -> of.add(new VolumeProfile.Level(
                    price.doubleValue(),
                    trades.stream()
                            .map(trade -> decimal(trade.volume()))
                            .reduce(BigDecimal.ZERO, BigDecimal::add)
                            .doubleValue(),
                    trades.size())));
            profiles.put(open, of);
        });
        return profiles;
    }

    /** One symbol's trades, repeats, corrections and cancels, each less than 20 s late. */
    private static List<Trade> arrivals(Random random, int size) {
        record Arrival(long at, Trade trade) {}
        Map<Long, Trade> byIdentity = new HashMap<>();
        List<Arrival> arrivals = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            long time = START + random.nextInt(400) * SECOND;
            Trade trade = byIdentity.computeIfAbsent(
                    time,
                    at -> new Trade(
                            "A",
                            at,
                            at,
                            1,
                            random.nextInt(1, 3000) / 100.0,
                            random.nextInt(1, 100_000) / 1000.0,
                            Side.BUY,
                            random.nextInt(8) != 0,
                            random.nextInt(8) != 0,
                            0));
            switch (random.nextInt(8)) {
                case 0 -> trade = Trade.cancel("A", time, 1, time);
                case 1 -> trade = trade.correctedTo(Math.round(trade.price() * 100 + 100) / 100.0, 7);
                default -> {
                    // as first reported
                }
            }
            arrivals.add(new Arrival(time + random.nextLong(20 * SECOND), trade));
        }
        arrivals.sort(Comparator.comparingLong(Arrival::at));
        return arrivals.stream().map(Arrival::trade).toList();
    }

    private static BigDecimal decimal(double value) {
        return new BigDecimal(Double.toString(value));
    }
}
