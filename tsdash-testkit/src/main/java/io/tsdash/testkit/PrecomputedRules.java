package io.tsdash.testkit;

import static io.tsdash.testkit.StoreSamples.HOUR;
import static io.tsdash.testkit.StoreSamples.MINUTE;
import static io.tsdash.testkit.StoreSamples.SECOND;
import static io.tsdash.testkit.StoreSamples.T0;
import static io.tsdash.testkit.StoreSamples.assertPrecomputed;
import static io.tsdash.testkit.StoreSamples.bar;
import static io.tsdash.testkit.StoreSamples.bars;
import static io.tsdash.testkit.StoreSamples.messages;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.InvalidInputException;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import io.tsdash.store.StoreCapabilities;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** S13, and S9 as far as it is about them: bars that the engine keeps up to date by itself. */
interface PrecomputedRules extends StoreUnderTest {

    @Test
    @DisplayName("S13 an interval that is not pre-computed is refused, with those that are")
    default void refusesIntervalsThatAreNotPrecomputed() {
        MarketStore store = store();
        Interval odd = Interval.parse("7m");
        assertThat(store.capabilities().precomputed()).doesNotContain(odd).doesNotHaveDuplicates();
        assertThatThrownBy(() -> store.precomputedBars(BarRange.of("A", odd, 0, Long.MAX_VALUE, 9)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("7m");
        store.refreshBars();
    }

    @ParameterizedTest(name = "S13 pre-computed bars equal a batch, whatever the order, seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    default void precomputesBarsInAnyOrder(long seed) {
        MarketStore store = store();
        Random random = new Random(seed);
        // Two days, so that the longer intervals have several bars too.
        List<Trade> messages = messages(random, 1_500, 48 * HOUR);
        if (seed > 1) {
            Collections.shuffle(messages, random);
        }
        List<Trade> soFar = new ArrayList<>();
        for (int from = 0; from < messages.size(); from += 500) {
            List<Trade> batch = messages.subList(from, Math.min(messages.size(), from + 500));
            store.appendTrades(batch);
            soFar.addAll(batch);
            if (random.nextBoolean()) {
                store.appendTrades(batch);
            }
            if (store.capabilities().precomputedAtOnce() || random.nextBoolean()) {
                assertPrecomputed(store, soFar);
            }
        }
        assertPrecomputed(store, messages);
    }

    @Test
    @DisplayName("S13 late trades, corrections and cancels reach the pre-computed bars")
    default void correctsPrecomputedBars() {
        MarketStore store = store();
        List<Trade> all = new ArrayList<>();
        for (int i = 0; i < 240; i++) {
            all.add(Trade.of("A", T0 + (long) i * 30L * SECOND, i, 100.0 + i % 7, 1.0 + i % 3));
        }
        store.appendTrades(all);
        assertPrecomputed(store, all);

        // Late, before all others of its minute and with a tie; corrected up and down; a whole minute taken back.
        List<Trade> changes = List.of(
                Trade.of("A", T0, -5, 50, 2),
                Trade.of("A", T0 + 61 * MINUTE + 1, 9_000, 500, 3),
                all.get(10).correctedTo(1, 10),
                all.get(11).correctedTo(all.get(11).price(), 0),
                Trade.cancel("A", all.get(20).eventTimeNanos(), 20, T0),
                Trade.cancel("A", all.get(21).eventTimeNanos(), 21, T0),
                Trade.cancel("A", T0 + 90 * MINUTE + 7, 77, T0),
                Trade.of("A", T0 + 90 * MINUTE + 7, 77, 9_999, 1));
        for (Trade change : changes) {
            store.appendTrades(List.of(change));
            all.add(change);
            assertPrecomputed(store, all);
        }
        store.appendTrades(changes);
        assertPrecomputed(store, all);
    }

    @Test
    @DisplayName("S13 of pre-computed bars open and close go by (event time, sequence), and eligibility counts")
    default void breaksTiesInPrecomputedBars() {
        MarketStore store = store();
        List<Trade> trades = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            // All in one nanosecond, sequences shuffled, every third without a say in prices, every fifth in volume.
            int sequence = i * 37 % 50;
            trades.add(new Trade(
                    "A", T0, T0, sequence, 100 + sequence, 1, Side.UNKNOWN, sequence % 3 != 0, sequence % 5 != 0, 0));
        }
        trades.add(new Trade("A", T0 + 2 * MINUTE, T0, 1, 7, 3, Side.UNKNOWN, false, true, 0));
        trades.add(new Trade("A", T0 + 4 * MINUTE, T0, 1, 7, 3, Side.UNKNOWN, false, false, 0));
        for (Trade trade : trades) {
            store.appendTrades(List.of(trade));
        }
        assertPrecomputed(store, trades);
    }

    @Test
    @DisplayName("S4 S13 ranges of pre-computed bars keep the oldest or the newest, in order, half open")
    default void limitsPrecomputedBars() {
        MarketStore store = store();
        StoreCapabilities can = store.capabilities();
        List<Trade> trades = messages(new Random(5), 1_000, 24 * HOUR);
        store.appendTrades(trades);
        store.refreshBars();
        for (Interval interval : can.precomputed()) {
            List<Bar> bars = store.precomputedBars(BarRange.of("A", interval, 0, Long.MAX_VALUE, 100_000));
            if (bars.size() > 4) {
                long from = bars.get(1).openTimeNanos();
                long to = bars.get(bars.size() - 1).openTimeNanos();
                List<Bar> inside = bars.subList(1, bars.size() - 1);
                assertThat(store.precomputedBars(BarRange.of("A", interval, from, to, 100_000)))
                        .isEqualTo(inside);
                assertThat(store.precomputedBars(BarRange.of("A", interval, from, to, 2)))
                        .isEqualTo(inside.subList(0, 2));
                assertThat(store.precomputedBars(new BarRange("A", interval, from, to, 2, true)))
                        .isEqualTo(inside.subList(inside.size() - 2, inside.size()));
                assertThat(store.precomputedBars(BarRange.of("A", interval, from, from, 2)))
                        .isEmpty();
            }
            assertThat(store.precomputedBars(BarRange.of("unknown", interval, 0, Long.MAX_VALUE, 2)))
                    .isEmpty();
        }
    }

    @Test
    @DisplayName("S9 S13 pre-computed bars outlive their trades, and what comes after")
    default void keepsPrecomputedBarsWhenTradesGo() {
        MarketStore store = store();
        // Weeks of it, so that stores that keep them in pieces of a week or a month remove whole ones.
        List<Trade> old = messages(new Random(6), 600, 40 * 24 * HOUR);
        store.appendTrades(old);
        assertPrecomputed(store, old);
        long end = old.stream().mapToLong(Trade::eventTimeNanos).max().orElseThrow();
        // A day's start, so that no bar loses a part of its trades only.
        long bound = Interval.parse("1d").closeTimeNanos(Interval.parse("1d").openTimeNanos(end));

        store.deleteTradesBefore(bound);
        assertThat(store.tradeCount()).isZero();
        assertPrecomputed(store, old);

        List<Trade> all = new ArrayList<>(old);
        Trade first = Trade.of("A", bound + HOUR, 1, 5, 5);
        for (Trade trade : List.of(first, Trade.of("A", bound + MINUTE, 2, 6, 6), first.correctedTo(7, 7))) {
            store.appendTrades(List.of(trade));
            all.add(trade);
            assertPrecomputed(store, all);
        }
    }

    @Test
    @DisplayName("S9 S13 pre-computed bars stay when bars that were written go")
    default void keepsPrecomputedBarsWhenWrittenBarsGo() {
        MarketStore store = store();
        Interval minute = Interval.parse("1m");
        List<Trade> all = new ArrayList<>(List.of(
                Trade.of("A", T0 + 1, 1, 10, 1),
                Trade.of("A", T0 + MINUTE, 2, 11, 2),
                Trade.of("A", T0 + 2 * MINUTE, 3, 12, 3)));
        store.appendTrades(all);
        store.upsertBars(List.of(
                bar("A", minute, T0, 0, 10),
                bar("A", minute, T0 + MINUTE, 0, 11),
                bar("A", minute, T0 + 2 * MINUTE, 0, 12)));
        assertPrecomputed(store, all);

        assertThat(store.deleteBarsBefore(minute, T0 + 2 * MINUTE)).isEqualTo(2);
        assertThat(bars(store, "A", minute)).hasSize(1);
        assertPrecomputed(store, all);

        // Also later, when they are made anew: of a minute whose written bar has gone, and of what it lies in.
        Trade late = Trade.of("A", T0 + 2, 4, 50, 4);
        store.appendTrades(List.of(late));
        all.add(late);
        assertPrecomputed(store, all);
    }

    @Test
    @DisplayName("S10 S13 pre-computed bars are there after close and open again, and go on")
    default void precomputesBarsAfterOpeningAgain() {
        List<Trade> messages = messages(new Random(8), 800, 24 * HOUR);
        store().appendTrades(messages.subList(0, 500));
        if (!store().capabilities().durable()) {
            assertThat(store().capabilities().precomputed()).isEmpty();
            return;
        }
        MarketStore store = reopen();
        assertPrecomputed(store, messages.subList(0, 500));
        store.appendTrades(messages.subList(300, messages.size()));
        assertPrecomputed(store, messages);
    }
}
