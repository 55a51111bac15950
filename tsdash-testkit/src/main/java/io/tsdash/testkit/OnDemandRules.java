package io.tsdash.testkit;

import static io.tsdash.testkit.StoreSamples.HOUR;
import static io.tsdash.testkit.StoreSamples.MINUTE;
import static io.tsdash.testkit.StoreSamples.SECOND;
import static io.tsdash.testkit.StoreSamples.T0;
import static io.tsdash.testkit.StoreSamples.assertBars;
import static io.tsdash.testkit.StoreSamples.messages;
import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** S7: bars made from the trades, of any interval. */
interface OnDemandRules extends StoreUnderTest {

    @ParameterizedTest(name = "S7 bars on demand equal those of a batch over the sorted trades: {0}")
    @ValueSource(
            strings = {
                "1s",
                "250ms",
                "1m",
                "7m",
                "1h",
                "5m/1m",
                "10s/2s",
                "1d",
                "1w",
                "1d@America/New_York",
                "1d@America/New_York~1700",
                "1w@Europe/Berlin~SUN2200"
            })
    default void buildsBarsOnDemand(String text) {
        MarketStore store = store();
        Interval interval = Interval.parse(text);
        long seed = text.hashCode();
        List<Trade> messages = messages(new Random(seed), 2_000, interval.size().toNanos() * 20);
        store.appendTrades(messages);

        for (String symbol : List.of("A", "B", "unknown")) {
            List<Bar> naive = NaiveBars.of(messages, symbol, interval);
            assertBars(store.barsOnDemand(BarRange.of(symbol, interval, 0, Long.MAX_VALUE, 100_000)), naive);
            if (naive.size() > 4) {
                long from = naive.get(1).openTimeNanos();
                long to = naive.get(naive.size() - 2).openTimeNanos();
                assertBars(
                        store.barsOnDemand(BarRange.of(symbol, interval, from, to, 100_000)),
                        naive.subList(1, naive.size() - 2));
                assertBars(store.barsOnDemand(BarRange.of(symbol, interval, from + 1, to + 1, 2)), naive.subList(2, 4));
                assertBars(
                        store.barsOnDemand(new BarRange(symbol, interval, 0, to, 2, true)),
                        naive.subList(naive.size() - 4, naive.size() - 2));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2026-03-08T00:00:00Z", "2026-11-01T00:00:00Z", "2026-03-29T00:00:00Z"})
    @DisplayName("S7 days on demand are right where daylight saving begins and ends")
    default void buildsDaysAcrossDaylightSaving(String change) {
        MarketStore store = store();
        long start = Instant.parse(change).getEpochSecond() * SECOND - 72 * HOUR;
        List<Trade> trades = new ArrayList<>();
        for (int i = 0; i < 6 * 24 * 4; i++) {
            trades.add(Trade.of("A", start + i * HOUR / 4, i, i, 1));
        }
        store.appendTrades(trades);
        for (String text : List.of("1d@America/New_York", "1d@America/New_York~0230", "1d@Europe/Berlin~0230", "1d")) {
            Interval interval = Interval.parse(text);
            List<Bar> naive = NaiveBars.of(trades, "A", interval);
            assertThat(naive).hasSizeGreaterThan(5);
            assertBars(store.barsOnDemand(BarRange.of("A", interval, 0, Long.MAX_VALUE, 100)), naive);
        }
    }

    @Test
    @DisplayName("S7 eligibility decides apart for prices and for volume")
    default void honoursEligibility() {
        MarketStore store = store();
        Interval minute = Interval.parse("1m");
        List<Trade> trades = List.of(
                new Trade("A", T0 + 1, T0, 1, 99, 10, Side.UNKNOWN, false, true, 0),
                new Trade("A", T0 + 2, T0, 2, 50, 20, Side.UNKNOWN, true, false, 0),
                new Trade("A", T0 + 3, T0, 3, 1, 40, Side.UNKNOWN, false, false, 0),
                new Trade("A", T0 + MINUTE, T0, 4, 1, 40, Side.UNKNOWN, false, false, 0),
                new Trade("A", T0 + 2 * MINUTE, T0, 5, 7, 3, Side.UNKNOWN, false, true, 0));
        store.appendTrades(trades);

        List<Bar> bars = store.barsOnDemand(BarRange.of("A", minute, T0, T0 + HOUR, 10));

        assertBars(bars, NaiveBars.of(trades, "A", minute));
        assertThat(bars).hasSize(2);
        assertThat(bars.get(0).high()).isEqualTo(50);
        assertThat(bars.get(0).volume()).isEqualTo(10);
        assertThat(bars.get(0).tradeCount()).isEqualTo(2);
        assertThat(bars.get(1).open()).isNaN();
        assertThat(bars.get(1).vwap()).isEqualTo(7);
    }
}
