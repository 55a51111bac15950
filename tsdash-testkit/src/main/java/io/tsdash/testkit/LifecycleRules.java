package io.tsdash.testkit;

import static io.tsdash.testkit.StoreSamples.HOUR;
import static io.tsdash.testkit.StoreSamples.MINUTE;
import static io.tsdash.testkit.StoreSamples.T0;
import static io.tsdash.testkit.StoreSamples.all;
import static io.tsdash.testkit.StoreSamples.bar;
import static io.tsdash.testkit.StoreSamples.bars;
import static io.tsdash.testkit.StoreSamples.messages;
import static io.tsdash.testkit.StoreSamples.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.PermanentException;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import io.tsdash.store.AppendResult;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import io.tsdash.store.TradeRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** S9 to S12 and S17: retention, restart, nothing, the end, and space. */
interface LifecycleRules extends StoreUnderTest {

    @Test
    @DisplayName("S9 retention removes what is older, and nothing else")
    default void removesWhatIsOlder() {
        MarketStore store = store();
        store.appendTrades(List.of(
                // Months before: some stores remove such a piece of the past whole, without a look at its trades.
                Trade.of("A", T0 - 70 * 24 * HOUR, 1, 1, 1),
                Trade.of("A", T0 - 1, 1, 1, 1),
                Trade.of("B", T0 - 2, 1, 1, 1),
                Trade.cancel("A", T0 - 3, 1, T0),
                Trade.of("A", T0, 1, 1, 1),
                Trade.of("B", T0 + 1, 1, 1, 1)));
        Interval minute = Interval.parse("1m");
        Interval hour = Interval.parse("1h");
        store.upsertBars(List.of(
                bar("A", minute, T0, 0, 1),
                bar("B", minute, T0, 0, 1),
                bar("A", minute, T0 + MINUTE, 0, 1),
                bar("A", hour, T0 - HOUR, 0, 1)));

        assertThat(store.deleteTradesBefore(T0)).isEqualTo(3);
        assertThat(store.deleteTradesBefore(T0)).isZero();
        assertThat(all(store, "A")).extracting(Trade::eventTimeNanos).containsExactly(T0);
        assertThat(all(store, "B")).extracting(Trade::eventTimeNanos).containsExactly(T0 + 1);
        assertThat(store.deleteBarsBefore(minute, T0 + MINUTE)).isEqualTo(2);
        assertThat(store.deleteBarsBefore(minute, T0 + MINUTE)).isZero();
        assertThat(bars(store, "A", minute)).hasSize(1);
        assertThat(bars(store, "B", minute)).isEmpty();
        assertThat(bars(store, "A", hour)).hasSize(1);
    }

    @Test
    @DisplayName("S10 what was acknowledged is there after close and open again")
    default void keepsWhatWasAcknowledged() {
        MarketStore store = store();
        List<Trade> messages = messages(new Random(10), 500, HOUR);
        store.appendTrades(messages);
        Bar bar = bar("A", Interval.parse("1m"), T0, 2, 3);
        store.upsertBars(List.of(bar));
        List<Trade> before = all(store, "A");
        long count = store.tradeCount();
        if (!store.capabilities().durable()) {
            assertThat(store.capabilities().name()).isNotBlank();
            return;
        }
        store = reopen();

        assertThat(all(store, "A")).isNotEmpty().containsExactlyElementsOf(before);
        assertThat(store.tradeCount()).isEqualTo(count);
        assertThat(bars(store, "A", Interval.parse("1m"))).containsExactly(bar);
        assertThat(store.appendTrades(messages)).isEqualTo(new AppendResult(0, 0, messages.size()));
    }

    @Test
    @DisplayName("S11 an empty range, an unknown symbol or an empty batch is no error")
    default void answersEmptyQuestions() {
        MarketStore store = store();
        assertThat(store.appendTrades(List.of())).isEqualTo(new AppendResult(0, 0, 0));
        store.upsertBars(List.of());
        assertThat(store.tradeCount()).isZero();
        assertThat(store.symbols()).isEmpty();
        assertThat(store.deleteTradesBefore(T0)).isZero();
        assertThat(store.deleteBarsBefore(Interval.parse("1m"), T0)).isZero();
        store.appendTrades(List.of(Trade.of("A", T0, 1, 1, 1)));
        assertThat(all(store, "unknown")).isEmpty();
        assertThat(store.lastTrade("unknown")).isEmpty();
        assertThat(range(store, TradeRange.of("A", T0, T0, 5))).isEmpty();
        assertThat(range(store, TradeRange.of("A", T0 + 1, Long.MAX_VALUE, 5))).isEmpty();
        for (String interval : List.of("1m", "5m/1m", "1d@America/New_York")) {
            assertThat(bars(store, "A", Interval.parse(interval))).isEmpty();
            assertThat(store.barsOnDemand(BarRange.of("A", Interval.parse(interval), T0, T0, 5)))
                    .isEmpty();
            assertThat(store.barsOnDemand(BarRange.of("unknown", Interval.parse(interval), 0, Long.MAX_VALUE, 5)))
                    .isEmpty();
        }
    }

    @Test
    @DisplayName("S12 a call after close is refused, and closing twice is no error")
    default void refusesCallsAfterClose() {
        MarketStore store = store();
        store.close();
        store.close();
        List<Runnable> calls = List.of(
                () -> store.appendTrades(List.of(Trade.of("A", T0, 1, 1, 1))),
                () -> store.upsertBars(List.of(bar("A", Interval.parse("1m"), T0, 0, 1))),
                () -> all(store, "A"),
                () -> bars(store, "A", Interval.parse("1m")),
                () -> store.barsOnDemand(BarRange.of("A", Interval.parse("1m"), 0, 1, 1)),
                () -> store.lastTrade("A"),
                store::symbols,
                store::tradeCount,
                () -> store.deleteTradesBefore(1),
                () -> store.deleteBarsBefore(Interval.parse("1m"), 1));
        for (Runnable call : calls) {
            assertThatThrownBy(call::run).isInstanceOf(PermanentException.class).hasMessageContaining("closed");
        }
    }

    @Test
    @DisplayName("S17 what was written takes space, in a store that can say how much")
    default void tellsHowMuchSpaceIsTaken() {
        MarketStore store = store();
        if (store.storedBytes().isEmpty()) {
            store.appendTrades(messages(new Random(17), 500, HOUR));
            assertThat(store.storedBytes()).isEmpty();
            return;
        }
        List<Runnable> writes = new ArrayList<>(List.of(
                () -> store.appendTrades(messages(new Random(17), 500, HOUR)),
                () -> store.upsertBars(List.of(bar("A", Interval.parse("1m"), T0, 0, 1)))));
        if (!store.capabilities().precomputed().isEmpty()
                && !store.capabilities().precomputedAtOnce()) {
            writes.add(store::refreshBars);
        }
        for (Runnable write : writes) {
            long before = store.storedBytes().orElseThrow();
            write.run();
            assertThat(store.storedBytes().orElseThrow()).isGreaterThan(before);
        }
        store.close();
        assertThatThrownBy(store::storedBytes)
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("closed");
    }
}
