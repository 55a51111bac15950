package io.tsdash.testkit;

import static io.tsdash.testkit.StoreSamples.HOUR;
import static io.tsdash.testkit.StoreSamples.MINUTE;
import static io.tsdash.testkit.StoreSamples.T0;
import static io.tsdash.testkit.StoreSamples.all;
import static io.tsdash.testkit.StoreSamples.assertBars;
import static io.tsdash.testkit.StoreSamples.bar;
import static io.tsdash.testkit.StoreSamples.bars;
import static io.tsdash.testkit.StoreSamples.messages;
import static io.tsdash.testkit.StoreSamples.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.InvalidInputException;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import io.tsdash.store.AppendResult;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import io.tsdash.store.TradeRange;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** S1 to S4 and S8: what is written comes back, once, in its highest version and in order. */
interface TradeRules extends StoreUnderTest {

    @Test
    @DisplayName("S1 a trade comes back field for field")
    default void returnsATradeFieldForField() {
        MarketStore store = store();
        List<Trade> trades = List.of(
                new Trade("A", T0, T0 + 7, 1, 150.25, 100, Side.BUY, true, true, 0),
                new Trade("A", T0 + 1, T0 - 7, -2, 0.1 + 0.2, 1e-9, Side.SELL, false, true, 0),
                new Trade("A", T0 + 2, T0 + 2, Long.MAX_VALUE, -37.63, 0, Side.UNKNOWN, true, false, 3),
                new Trade("A", T0 + 3, T0 + 3, 0, Double.MIN_VALUE, Double.MAX_VALUE, Side.UNKNOWN, false, false, 0));

        assertThat(store.appendTrades(trades)).isEqualTo(new AppendResult(4, 0, 0));

        assertThat(all(store, "A")).containsExactlyElementsOf(trades);
        assertThat(store.tradeCount()).isEqualTo(4);
    }

    @ParameterizedTest
    @MethodSource("io.tsdash.testkit.TradeRules#awkwardSymbols")
    @DisplayName("S1 the symbol comes back letter for letter")
    default void keepsAwkwardSymbols(String symbol) {
        MarketStore store = store();
        Trade trade = Trade.of(symbol, T0, 1, 2, 3);
        Trade other = Trade.of(symbol + "2", T0, 1, 2, 3);
        Bar bar = bar(symbol, Interval.parse("1m"), T0, 0, 1);

        store.appendTrades(List.of(trade, other));
        store.upsertBars(List.of(bar));

        assertThat(all(store, symbol)).containsExactly(trade);
        assertThat(store.lastTrade(symbol)).contains(trade);
        assertThat(store.symbols())
                .containsExactlyInAnyOrder(symbol, symbol + "2")
                .isSorted();
        assertThat(store.bars(BarRange.of(symbol, Interval.parse("1m"), T0, T0 + 1, 9)))
                .containsExactly(bar);
        assertThat(store.barsOnDemand(BarRange.of(symbol, Interval.parse("1m"), T0, T0 + 1, 9)))
                .hasSize(1);

        // What is known already is looked for by its symbol, and so is what is to be made again.
        Trade late = Trade.of(symbol, T0 - 1, 2, 1, 1);
        Trade corrected = trade.correctedTo(4, 5);
        assertThat(store.appendTrades(List.of(trade, other))).isEqualTo(new AppendResult(0, 0, 2));
        assertThat(store.appendTrades(List.of(late, corrected, Trade.cancel(other.symbol(), T0, 1, T0))))
                .isEqualTo(new AppendResult(1, 2, 0));
        assertThat(all(store, symbol)).containsExactly(late, corrected);
        assertThat(store.symbols()).containsExactly(symbol);
        store.refreshBars();
        for (Interval interval : store.capabilities().precomputed()) {
            assertBars(
                    store.precomputedBars(BarRange.of(symbol, interval, 0, Long.MAX_VALUE, 9)),
                    NaiveBars.of(List.of(late, corrected), symbol, interval));
            assertThat(store.precomputedBars(BarRange.of(other.symbol(), interval, 0, Long.MAX_VALUE, 9)))
                    .isEmpty();
        }
    }

    /** Symbols that break what was built for letters. */
    static Stream<String> awkwardSymbols() {
        return Stream.of(
                "BTC-USD.COINBASE",
                "O'Reilly",
                "\"quoted\"",
                "a b",
                " lead",
                "trail ",
                "'; DROP TABLE trades; --",
                "%_\\",
                "a,b;c|d",
                "Größe",
                "日経225",
                "😀",
                "e\u0301",
                "null",
                "x".repeat(63));
    }

    @Test
    @DisplayName("S1 symbols that differ in case or accents are two")
    default void keepsSymbolsApart() {
        MarketStore store = store();
        List<String> symbols = List.of("a", "A", "\u00e9", "e\u0301", "e", "a ");
        symbols.forEach(symbol -> store.appendTrades(List.of(Trade.of(symbol, T0, 1, 1, 1))));
        assertThat(store.symbols())
                .containsExactlyElementsOf(symbols.stream().sorted().toList());
        symbols.forEach(symbol -> assertThat(all(store, symbol)).hasSize(1));
    }

    @Test
    @DisplayName("S1 a symbol that is no whole text is kept as it is, or refused; it is never taken for another")
    default void keepsHalfASurrogatePairApart() {
        MarketStore store = store();
        Trade whole = Trade.of("A?", T0, 1, 1, 1);
        Trade half = Trade.of("A\ud83d", T0, 1, 2, 2);
        Bar bar = bar("A\ud83d", Interval.parse("1m"), T0, 0, 1);
        store.appendTrades(List.of(whole));
        try {
            store.appendTrades(List.of(half));
            assertThat(all(store, "A\ud83d")).containsExactly(half);
        } catch (InvalidInputException e) {
            assertThat(e).hasMessageContaining("symbol");
            assertThat(store.symbols()).containsExactly("A?");
        }
        try {
            store.upsertBars(List.of(bar));
            assertThat(bars(store, "A\ud83d", Interval.parse("1m"))).containsExactly(bar);
        } catch (InvalidInputException e) {
            assertThat(e).hasMessageContaining("symbol");
        }
        assertThat(all(store, "A?")).containsExactly(whole);
        assertThat(bars(store, "A?", Interval.parse("1m"))).isEmpty();
    }

    @Test
    @DisplayName("S2 a trade again changes nothing; another sequence is another trade")
    default void writesATradeOnce() {
        MarketStore store = store();
        Trade one = Trade.of("A", T0, 1, 10, 5);
        Trade two = Trade.of("A", T0, 2, 10, 5);
        Trade elsewhere = Trade.of("B", T0, 1, 10, 5);

        assertThat(store.appendTrades(List.of(one, two, one))).isEqualTo(new AppendResult(2, 0, 1));
        assertThat(store.appendTrades(List.of(two, elsewhere))).isEqualTo(new AppendResult(1, 0, 1));
        Trade same = new Trade("A", T0, T0 + 99, 1, 11, 6, Side.SELL, true, true, 0);
        assertThat(store.appendTrades(List.of(same))).isEqualTo(new AppendResult(0, 0, 1));

        assertThat(all(store, "A")).containsExactly(one, two);
        assertThat(all(store, "B")).containsExactly(elsewhere);
        assertThat(store.tradeCount()).isEqualTo(3);
    }

    @Test
    @DisplayName("S3 the highest version holds, in whatever order versions come")
    default void keepsTheHighestVersion() {
        MarketStore store = store();
        Trade first = Trade.of("A", T0, 1, 10, 5);
        Trade corrected = first.correctedTo(11, 5);
        Trade again = corrected.correctedTo(12, 6);

        assertThat(store.appendTrades(List.of(corrected))).isEqualTo(new AppendResult(1, 0, 0));
        assertThat(store.appendTrades(List.of(first))).isEqualTo(new AppendResult(0, 0, 1));
        assertThat(all(store, "A")).containsExactly(corrected);
        assertThat(store.appendTrades(List.of(again, first))).isEqualTo(new AppendResult(0, 1, 1));
        assertThat(all(store, "A")).containsExactly(again);
        assertThat(store.lastTrade("A")).contains(again);
    }

    @Test
    @DisplayName("S3 a cancelled trade is in no answer, also when the cancel came first")
    default void hidesCancelledTrades() {
        MarketStore store = store();
        Trade kept = Trade.of("A", T0, 1, 10, 5);
        Trade taken = Trade.of("A", T0 + 1, 2, 99, 7);
        Trade other = Trade.of("B", T0, 1, 10, 5);
        store.appendTrades(List.of(Trade.cancel("A", T0 + 1, 2, T0 + 5), other));
        assertThat(store.appendTrades(List.of(kept, taken))).isEqualTo(new AppendResult(1, 0, 1));
        assertThat(store.appendTrades(List.of(Trade.cancel("B", T0, 1, T0 + 9))))
                .isEqualTo(new AppendResult(0, 1, 0));
        store.appendTrades(List.of(taken.correctedTo(98, 7), other));

        assertThat(all(store, "A")).containsExactly(kept);
        assertThat(all(store, "B")).isEmpty();
        assertThat(store.lastTrade("A")).contains(kept);
        assertThat(store.lastTrade("B")).isEmpty();
        assertThat(store.symbols()).containsExactly("A");
        assertThat(store.tradeCount()).isEqualTo(1);
        List<Bar> bars = store.barsOnDemand(BarRange.of("A", Interval.parse("1m"), T0, T0 + MINUTE, 10));
        assertThat(bars).hasSize(1);
        assertThat(bars.get(0).high()).isEqualTo(10);
        assertThat(bars.get(0).volume()).isEqualTo(5);

        List<Trade> withCancels = new ArrayList<>();
        store.trades(TradeRange.of("A", 0, Long.MAX_VALUE, 10).includingCancels(), withCancels::add);
        assertThat(withCancels).extracting(Trade::sequence).containsExactly(1L, 2L);
        assertThat(withCancels.get(1).cancelled()).isTrue();
    }

    @Test
    @DisplayName("S4 ranges are half open, ordered and limited, and can be paged without loss")
    default void ordersAndLimitsRanges() {
        MarketStore store = store();
        List<Trade> trades = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            // Three to a nanosecond, sequences falling while times rise.
            trades.add(Trade.of("A", T0 + i / 3, 10_000 - i, i, 1));
        }
        List<Trade> shuffled = new ArrayList<>(trades);
        Collections.shuffle(shuffled, new Random(7));
        store.appendTrades(shuffled);
        List<Trade> sorted = NaiveBars.latest(trades);

        assertThat(range(store, TradeRange.of("A", T0, T0 + 400, 10_000))).containsExactlyElementsOf(sorted);
        assertThat(range(store, TradeRange.of("A", T0 + 1, T0 + 3, 100)))
                .containsExactlyElementsOf(sorted.subList(3, 9));
        assertThat(range(store, TradeRange.of("A", T0, T0 + 400, 5))).containsExactlyElementsOf(sorted.subList(0, 5));
        assertThat(store.trades(TradeRange.of("A", T0, T0 + 400, 5), trade -> {}))
                .isEqualTo(5);

        List<Trade> paged = new ArrayList<>();
        TradeRange page = TradeRange.of("A", T0, T0 + 400, 7);
        List<Trade> rows = range(store, page);
        while (!rows.isEmpty()) {
            paged.addAll(rows);
            Trade last = rows.get(rows.size() - 1);
            rows = range(store, new TradeRange("A", last.eventTimeNanos(), T0 + 400, last.sequence(), 7, false));
        }
        assertThat(paged).containsExactlyElementsOf(sorted);
    }

    @Test
    @DisplayName("S4 a reversed range or a limit of nothing is refused")
    default void refusesReversedRanges() {
        assertThatThrownBy(() -> TradeRange.of("A", 2, 1, 1)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> BarRange.of("A", Interval.parse("1m"), 1, 2, 0))
                .isInstanceOf(InvalidInputException.class);
    }

    @Test
    @DisplayName("S4 an exception of the consumer ends the stream and reaches the caller")
    default void passesOnTheConsumersException() {
        MarketStore store = store();
        store.appendTrades(List.of(Trade.of("A", T0, 1, 1, 1), Trade.of("A", T0, 2, 1, 1)));
        IllegalStateException failure = new IllegalStateException("client is gone");
        Consumer<Trade> failing = trade -> {
            throw failure;
        };
        assertThatThrownBy(() -> store.trades(TradeRange.of("A", T0, T0 + 1, 9), failing))
                .isSameAs(failure);
        assertThat(all(store, "A")).hasSize(2);
    }

    @Test
    @DisplayName("S8 the last trade is the eligible one with the largest (event time, sequence)")
    default void returnsTheLastTrade() {
        MarketStore store = store();
        Trade early = Trade.of("A", T0, 9, 1, 1);
        Trade last = Trade.of("A", T0 + 5, 7, 2, 1);
        store.appendTrades(List.of(
                last,
                early,
                Trade.of("A", T0 + 5, 6, 3, 1),
                new Trade("A", T0 + 8, T0, 8, 4, 1, Side.UNKNOWN, false, true, 0),
                Trade.of("B", T0 + 99, 1, 5, 1)));

        assertThat(store.lastTrade("A")).contains(last);
        store.appendTrades(List.of(Trade.cancel("A", T0 + 5, 7, T0), Trade.cancel("A", T0 + 5, 6, T0)));
        assertThat(store.lastTrade("A")).contains(early);
    }

    @ParameterizedTest(
            name = "S2 S3 S7 any order, any split into batches and any retry give the same answers, seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    default void givesTheSameAnswersInAnyOrder(long seed) {
        MarketStore store = store();
        Random random = new Random(seed);
        List<Trade> messages = messages(random, 3_000, HOUR);
        List<Trade> shuffled = new ArrayList<>(messages);
        Collections.shuffle(shuffled, random);
        long changed = 0;
        int from = 0;
        while (from < shuffled.size()) {
            int to = Math.min(shuffled.size(), from + 1 + random.nextInt(700));
            List<Trade> batch = shuffled.subList(from, to);
            AppendResult result = store.appendTrades(batch);
            assertThat(result.inserted() + result.replaced() + result.duplicates())
                    .isEqualTo(batch.size());
            changed += result.inserted();
            if (random.nextBoolean()) {
                assertThat(store.appendTrades(batch)).isEqualTo(new AppendResult(0, 0, batch.size()));
            }
            from = to;
        }

        List<Trade> latest = NaiveBars.latest(messages);
        assertThat(store.tradeCount()).isEqualTo(latest.size());
        assertThat(changed)
                .isEqualTo(messages.stream()
                        .map(trade -> List.of(trade.symbol(), trade.eventTimeNanos(), trade.sequence()))
                        .distinct()
                        .count());
        for (String symbol : List.of("A", "B", "C")) {
            assertThat(all(store, symbol))
                    .containsExactlyElementsOf(latest.stream()
                            .filter(trade -> trade.symbol().equals(symbol))
                            .toList());
            assertBars(
                    store.barsOnDemand(BarRange.of(symbol, Interval.parse("1m"), 0, Long.MAX_VALUE, 1_000)),
                    NaiveBars.of(messages, symbol, Interval.parse("1m")));
        }
    }
}
