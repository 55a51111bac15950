package io.tsdash.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TradeTapeTest {
    private static final long DAY = 86_400_000_000_000L;

    @Property(tries = 2000, shrinking = ShrinkingMode.OFF)
    void anyOrderOfTradesCorrectionsAndCancelsGivesTheNaiveAnswer(@ForAll long seed) {
        Random random = new Random(seed);
        List<Trade> reports = reports(random);
        Collections.shuffle(reports, random);
        TradeTape tape = new TradeTape(64);
        reports.forEach(tape::add);

        Map<Long, Trade> newest = new HashMap<>();
        reports.forEach(each -> newest.merge(each.sequence(), each, (a, b) -> a.version() >= b.version() ? a : b));
        List<Trade> sorted = newest.values().stream()
                .sorted(Comparator.comparingLong(Trade::eventTimeNanos).thenComparingLong(Trade::sequence))
                .toList();
        long day = sorted.get(sorted.size() - 1).eventTimeNanos() / DAY;
        Trade last = null;
        Trade open = null;
        double volume = 0;
        for (Trade each : sorted) {
            if (each.setsPrice()) {
                last = each;
            }
            if (each.eventTimeNanos() / DAY == day) {
                open = open == null && each.setsPrice() ? each : open;
                volume += each.countsVolume() ? each.volume() : 0;
            }
        }
        assertThat(tape.price()).isEqualTo(price(last));
        assertThat(tape.open()).isEqualTo(price(open));
        assertThat(tape.volume()).isEqualTo(volume);
        if (last != null) {
            assertThat(tape.side()).isEqualTo(last.side());
            assertThat(tape.size()).isEqualTo(last.volume());
        }
    }

    @Test
    void tradeOlderThanTheTapeIsNotTaken() {
        TradeTape tape = new TradeTape(16);
        for (int i = 10; i < 30; i++) {
            tape.add(Trade.of("A", i, i, i, 1));
        }
        assertThat(tape.add(Trade.of("A", 5, 5, 5, 1))).isEqualTo(TradeTape.Outcome.TOO_OLD);
        assertThat(tape.volume()).isEqualTo(20);
        assertThat(tape.open()).isEqualTo(10);
    }

    @Test
    void priceFallsBackToWhatHasLeftTheTape() {
        TradeTape tape = new TradeTape(16);
        tape.add(Trade.of("A", 1, 1, 7, 3));
        for (int i = 2; i < 40; i++) {
            tape.add(new Trade("A", i, i, i, 99, 1, Side.BUY, false, true, 0));
        }
        assertThat(tape.price()).isEqualTo(7);
        assertThat(tape.size()).isEqualTo(3);
    }

    @Test
    void sameTradeTwiceIsADuplicate() {
        TradeTape tape = new TradeTape(16);
        Trade trade = Trade.of("A", 1, 1, 7, 3);
        assertThat(tape.add(trade)).isEqualTo(TradeTape.Outcome.TAKEN);
        assertThat(tape.add(trade)).isEqualTo(TradeTape.Outcome.DUPLICATE);
        assertThat(tape.volume()).isEqualTo(3);
    }

    private static List<Trade> reports(Random random) {
        List<Trade> reports = new ArrayList<>();
        for (int i = 0; i < 1 + random.nextInt(40); i++) {
            Side side = List.of(Side.BUY, Side.SELL, Side.UNKNOWN).get(random.nextInt(3));
            Trade trade = new Trade(
                    "A",
                    DAY * 3 - 20 + random.nextInt(40),
                    0,
                    i,
                    random.nextInt(100),
                    random.nextInt(50),
                    side,
                    random.nextInt(4) > 0,
                    random.nextInt(4) > 0,
                    0);
            reports.add(trade);
            if (random.nextInt(4) == 0) {
                reports.add(trade.correctedTo(random.nextInt(100), random.nextInt(50)));
            }
            if (random.nextInt(5) == 0) {
                reports.add(Trade.cancel("A", trade.eventTimeNanos(), trade.sequence(), 0));
            }
            if (random.nextInt(5) == 0) {
                reports.add(trade);
            }
        }
        return reports;
    }

    private static Double price(@Nullable Trade trade) {
        return trade == null ? Double.NaN : trade.price();
    }
}
