package io.tsdash.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.InvalidInputException;
import io.tsdash.error.PermanentException;
import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import io.tsdash.store.AppendResult;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import io.tsdash.store.TradeRange;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The rules of {@link MarketStore} as tests: extend it and say how a store is made, and how it is opened again.
 *
 * <p>The number in a test's name is that of its rule. A store that is not durable skips nothing: it declares so, and the
 * test of S10 then checks that it says so. Random tests print their seed in their name.
 */
@Timeout(120)
public abstract class MarketStoreContract {
    /** A moment in the middle of nowhere special: 2026-03-02T15:00:00Z. */
    protected static final long T0 = Instant.parse("2026-03-02T15:00:00Z").getEpochSecond() * 1_000_000_000L;

    private static final long SECOND = 1_000_000_000L;
    private static final long MINUTE = 60 * SECOND;
    private static final long HOUR = 60 * MINUTE;
    private static final double RELATIVE_ERROR_MAX = 1e-12;

    private MarketStore store;

    /** For subclasses. */
    protected MarketStoreContract() {}

    /** Returns a new, empty store. */
    protected abstract MarketStore newStore();

    /** Returns a store with what the closed one kept; only asked of durable stores. */
    protected abstract MarketStore reopened(MarketStore closed);

    /** Returns the proxy between the store of {@link #newStore} and its server; empty for a store without a wire. */
    protected abstract Optional<FaultProxy> wire();

    @BeforeEach
    void open() {
        store = newStore();
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    @DisplayName("S1 a trade comes back field for field")
    void returnsATradeFieldForField() {
        List<Trade> trades = List.of(
                new Trade("A", T0, T0 + 7, 1, 150.25, 100, Side.BUY, true, true, 0),
                new Trade("A", T0 + 1, T0 - 7, -2, 0.1 + 0.2, 1e-9, Side.SELL, false, true, 0),
                new Trade("A", T0 + 2, T0 + 2, Long.MAX_VALUE, -37.63, 0, Side.UNKNOWN, true, false, 3),
                new Trade("A", T0 + 3, T0 + 3, 0, Double.MIN_VALUE, Double.MAX_VALUE, Side.UNKNOWN, false, false, 0));

        assertThat(store.appendTrades(trades)).isEqualTo(new AppendResult(4, 0, 0));

        assertThat(all("A")).containsExactlyElementsOf(trades);
        assertThat(store.tradeCount()).isEqualTo(4);
    }

    @ParameterizedTest
    @MethodSource("awkwardSymbols")
    @DisplayName("S1 the symbol comes back letter for letter")
    void keepsAwkwardSymbols(String symbol) {
        Trade trade = Trade.of(symbol, T0, 1, 2, 3);
        Trade other = Trade.of(symbol + "2", T0, 1, 2, 3);
        Bar bar = bar(symbol, Interval.parse("1m"), T0, 0, 1);

        store.appendTrades(List.of(trade, other));
        store.upsertBars(List.of(bar));

        assertThat(all(symbol)).containsExactly(trade);
        assertThat(store.lastTrade(symbol)).contains(trade);
        assertThat(store.symbols())
                .containsExactlyInAnyOrder(symbol, symbol + "2")
                .isSorted();
        assertThat(store.bars(BarRange.of(symbol, Interval.parse("1m"), T0, T0 + 1, 9)))
                .containsExactly(bar);
        assertThat(store.barsOnDemand(BarRange.of(symbol, Interval.parse("1m"), T0, T0 + 1, 9)))
                .hasSize(1);
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
    void keepsSymbolsApart() {
        List<String> symbols = List.of("a", "A", "\u00e9", "e\u0301", "e", "a ");
        symbols.forEach(symbol -> store.appendTrades(List.of(Trade.of(symbol, T0, 1, 1, 1))));
        assertThat(store.symbols())
                .containsExactlyElementsOf(symbols.stream().sorted().toList());
        symbols.forEach(symbol -> assertThat(all(symbol)).hasSize(1));
    }

    @Test
    @DisplayName("S2 a trade again changes nothing; another sequence is another trade")
    void writesATradeOnce() {
        Trade one = Trade.of("A", T0, 1, 10, 5);
        Trade two = Trade.of("A", T0, 2, 10, 5);
        Trade elsewhere = Trade.of("B", T0, 1, 10, 5);

        assertThat(store.appendTrades(List.of(one, two, one))).isEqualTo(new AppendResult(2, 0, 1));
        assertThat(store.appendTrades(List.of(two, elsewhere))).isEqualTo(new AppendResult(1, 0, 1));
        Trade same = new Trade("A", T0, T0 + 99, 1, 11, 6, Side.SELL, true, true, 0);
        assertThat(store.appendTrades(List.of(same))).isEqualTo(new AppendResult(0, 0, 1));

        assertThat(all("A")).containsExactly(one, two);
        assertThat(all("B")).containsExactly(elsewhere);
        assertThat(store.tradeCount()).isEqualTo(3);
    }

    @Test
    @DisplayName("S3 the highest version holds, in whatever order versions come")
    void keepsTheHighestVersion() {
        Trade first = Trade.of("A", T0, 1, 10, 5);
        Trade corrected = first.correctedTo(11, 5);
        Trade again = corrected.correctedTo(12, 6);

        assertThat(store.appendTrades(List.of(corrected))).isEqualTo(new AppendResult(1, 0, 0));
        assertThat(store.appendTrades(List.of(first))).isEqualTo(new AppendResult(0, 0, 1));
        assertThat(all("A")).containsExactly(corrected);
        assertThat(store.appendTrades(List.of(again, first))).isEqualTo(new AppendResult(0, 1, 1));
        assertThat(all("A")).containsExactly(again);
        assertThat(store.lastTrade("A")).contains(again);
    }

    @Test
    @DisplayName("S3 a cancelled trade is in no answer, also when the cancel came first")
    void hidesCancelledTrades() {
        Trade kept = Trade.of("A", T0, 1, 10, 5);
        Trade taken = Trade.of("A", T0 + 1, 2, 99, 7);
        Trade other = Trade.of("B", T0, 1, 10, 5);
        store.appendTrades(List.of(Trade.cancel("A", T0 + 1, 2, T0 + 5), other));
        assertThat(store.appendTrades(List.of(kept, taken))).isEqualTo(new AppendResult(1, 0, 1));
        assertThat(store.appendTrades(List.of(Trade.cancel("B", T0, 1, T0 + 9))))
                .isEqualTo(new AppendResult(0, 1, 0));
        store.appendTrades(List.of(taken.correctedTo(98, 7), other));

        assertThat(all("A")).containsExactly(kept);
        assertThat(all("B")).isEmpty();
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
    void ordersAndLimitsRanges() {
        List<Trade> trades = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            // Three to a nanosecond, sequences falling while times rise.
            trades.add(Trade.of("A", T0 + i / 3, 10_000 - i, i, 1));
        }
        List<Trade> shuffled = new ArrayList<>(trades);
        Collections.shuffle(shuffled, new Random(7));
        store.appendTrades(shuffled);
        List<Trade> sorted = NaiveBars.latest(trades);

        assertThat(range(TradeRange.of("A", T0, T0 + 400, 10_000))).containsExactlyElementsOf(sorted);
        assertThat(range(TradeRange.of("A", T0 + 1, T0 + 3, 100))).containsExactlyElementsOf(sorted.subList(3, 9));
        assertThat(range(TradeRange.of("A", T0, T0 + 400, 5))).containsExactlyElementsOf(sorted.subList(0, 5));
        assertThat(store.trades(TradeRange.of("A", T0, T0 + 400, 5), trade -> {}))
                .isEqualTo(5);

        List<Trade> paged = new ArrayList<>();
        TradeRange page = TradeRange.of("A", T0, T0 + 400, 7);
        List<Trade> rows = range(page);
        while (!rows.isEmpty()) {
            paged.addAll(rows);
            Trade last = rows.get(rows.size() - 1);
            rows = range(new TradeRange("A", last.eventTimeNanos(), T0 + 400, last.sequence(), 7, false));
        }
        assertThat(paged).containsExactlyElementsOf(sorted);
    }

    @Test
    @DisplayName("S4 a reversed range or a limit of nothing is refused")
    void refusesReversedRanges() {
        assertThatThrownBy(() -> TradeRange.of("A", 2, 1, 1)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> BarRange.of("A", Interval.parse("1m"), 1, 2, 0))
                .isInstanceOf(InvalidInputException.class);
    }

    @Test
    @DisplayName("S4 an exception of the consumer ends the stream and reaches the caller")
    void passesOnTheConsumersException() {
        store.appendTrades(List.of(Trade.of("A", T0, 1, 1, 1), Trade.of("A", T0, 2, 1, 1)));
        IllegalStateException failure = new IllegalStateException("client is gone");
        Consumer<Trade> failing = trade -> {
            throw failure;
        };
        assertThatThrownBy(() -> store.trades(TradeRange.of("A", T0, T0 + 1, 9), failing))
                .isSameAs(failure);
        assertThat(all("A")).hasSize(2);
    }

    @Test
    @DisplayName("S5 of two bars of one identity the higher revision holds, and the same revision replaces")
    void upsertsBarsByRevision() {
        Interval minute = Interval.parse("1m");
        Bar first = bar("A", minute, T0, 0, 1);
        Bar again = bar("A", minute, T0, 0, 2);
        Bar revised = bar("A", minute, T0, 3, 5);
        Bar next = bar("A", minute, T0 + MINUTE, 0, 1);

        store.upsertBars(List.of(next, first));
        store.upsertBars(List.of(again));
        assertThat(bars("A", minute)).containsExactly(again, next);
        store.upsertBars(List.of(revised, first, next));
        store.upsertBars(List.of(bar("A", minute, T0, 2, 4)));
        assertThat(bars("A", minute)).containsExactly(revised, next);
        store.upsertBars(List.of(bar("A", minute, T0, 4, 6), bar("A", minute, T0, 5, 7), bar("A", minute, T0, 4, 8)));
        assertThat(bars("A", minute)).containsExactly(bar("A", minute, T0, 5, 7), next);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1s", "500ms", "5m/1m", "1d", "1w", "1d@America/New_York~1700", "1w@Asia/Tokyo~SUN0900"})
    @DisplayName("S5 bars of every kind of interval come back field for field, and apart from each other")
    void keepsBarsOfEveryInterval(String text) {
        Interval interval = Interval.parse(text);
        Bar open = new Bar(
                "A",
                interval,
                interval.openTimeNanos(T0),
                interval.closeTimeNanos(interval.openTimeNanos(T0)),
                Double.NaN,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                0.1 + 0.2,
                -1e-300,
                Long.MAX_VALUE,
                T0,
                T0 + 5,
                Integer.MAX_VALUE,
                BarState.REVISED);
        Bar elsewhere = bar("A", Interval.parse("7m"), Interval.parse("7m").openTimeNanos(T0), 0, 1);

        store.upsertBars(List.of(open, elsewhere));

        assertThat(bars("A", interval)).containsExactly(open);
        assertThat(bars("A", Interval.parse("7m"))).containsExactly(elsewhere);
    }

    @Test
    @DisplayName("S4 S5 ranges of bars keep the oldest or the newest, always in order of open time")
    void limitsBars() {
        Interval second = Interval.parse("1s");
        List<Bar> bars = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            bars.add(bar("A", second, T0 + i * SECOND, 0, i + 1));
        }
        Collections.shuffle(bars, new Random(3));
        store.upsertBars(bars);
        bars.sort(Comparator.comparingLong(Bar::openTimeNanos));

        assertThat(store.bars(BarRange.of("A", second, T0 + 10 * SECOND, T0 + 20 * SECOND, 100)))
                .containsExactlyElementsOf(bars.subList(10, 20));
        assertThat(store.bars(BarRange.of("A", second, T0, T0 + HOUR, 3)))
                .containsExactlyElementsOf(bars.subList(0, 3));
        assertThat(store.bars(new BarRange("A", second, T0, T0 + HOUR, 3, true)))
                .containsExactlyElementsOf(bars.subList(97, 100));
    }

    @Test
    @DisplayName("S6 a retracted bar is in no answer, and an older revision does not bring it back")
    void hidesRetractedBars() {
        Interval minute = Interval.parse("1m");
        store.upsertBars(List.of(bar("A", minute, T0, 0, 1), retracted("A", minute, T0, 1)));
        store.upsertBars(List.of(bar("A", minute, T0, 0, 1)));
        assertThat(bars("A", minute)).isEmpty();

        Bar revived = bar("A", minute, T0, 2, 9);
        store.upsertBars(List.of(revived));
        assertThat(bars("A", minute)).containsExactly(revived);
        store.upsertBars(List.of(retracted("A", minute, T0, 3)));
        assertThat(bars("A", minute)).isEmpty();
    }

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
    void buildsBarsOnDemand(String text) {
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
    void buildsDaysAcrossDaylightSaving(String change) {
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
    void honoursEligibility() {
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

    @Test
    @DisplayName("S8 the last trade is the eligible one with the largest (event time, sequence)")
    void returnsTheLastTrade() {
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

    @Test
    @DisplayName("S9 retention removes what is older, and nothing else")
    void removesWhatIsOlder() {
        store.appendTrades(List.of(
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

        assertThat(store.deleteTradesBefore(T0)).isEqualTo(2);
        assertThat(store.deleteTradesBefore(T0)).isZero();
        assertThat(all("A")).extracting(Trade::eventTimeNanos).containsExactly(T0);
        assertThat(all("B")).extracting(Trade::eventTimeNanos).containsExactly(T0 + 1);
        assertThat(store.deleteBarsBefore(minute, T0 + MINUTE)).isEqualTo(2);
        assertThat(store.deleteBarsBefore(minute, T0 + MINUTE)).isZero();
        assertThat(bars("A", minute)).hasSize(1);
        assertThat(bars("B", minute)).isEmpty();
        assertThat(bars("A", hour)).hasSize(1);
    }

    @Test
    @DisplayName("S10 what was acknowledged is there after close and open again")
    void keepsWhatWasAcknowledged() {
        List<Trade> messages = messages(new Random(10), 500, HOUR);
        store.appendTrades(messages);
        Bar bar = bar("A", Interval.parse("1m"), T0, 2, 3);
        store.upsertBars(List.of(bar));
        List<Trade> before = all("A");
        long count = store.tradeCount();
        if (!store.capabilities().durable()) {
            assertThat(store.capabilities().name()).isNotBlank();
            return;
        }
        store.close();
        store = reopened(store);

        assertThat(all("A")).isNotEmpty().containsExactlyElementsOf(before);
        assertThat(store.tradeCount()).isEqualTo(count);
        assertThat(bars("A", Interval.parse("1m"))).containsExactly(bar);
        assertThat(store.appendTrades(messages)).isEqualTo(new AppendResult(0, 0, messages.size()));
    }

    @Test
    @DisplayName("S11 an empty range, an unknown symbol or an empty batch is no error")
    void answersEmptyQuestions() {
        assertThat(store.appendTrades(List.of())).isEqualTo(new AppendResult(0, 0, 0));
        store.upsertBars(List.of());
        assertThat(store.tradeCount()).isZero();
        assertThat(store.symbols()).isEmpty();
        assertThat(store.deleteTradesBefore(T0)).isZero();
        assertThat(store.deleteBarsBefore(Interval.parse("1m"), T0)).isZero();
        store.appendTrades(List.of(Trade.of("A", T0, 1, 1, 1)));
        assertThat(all("unknown")).isEmpty();
        assertThat(store.lastTrade("unknown")).isEmpty();
        assertThat(range(TradeRange.of("A", T0, T0, 5))).isEmpty();
        assertThat(range(TradeRange.of("A", T0 + 1, Long.MAX_VALUE, 5))).isEmpty();
        for (String interval : List.of("1m", "5m/1m", "1d@America/New_York")) {
            assertThat(bars("A", Interval.parse(interval))).isEmpty();
            assertThat(store.barsOnDemand(BarRange.of("A", Interval.parse(interval), T0, T0, 5)))
                    .isEmpty();
            assertThat(store.barsOnDemand(BarRange.of("unknown", Interval.parse(interval), 0, Long.MAX_VALUE, 5)))
                    .isEmpty();
        }
    }

    @Test
    @DisplayName("S12 a call after close is refused, and closing twice is no error")
    void refusesCallsAfterClose() {
        store.close();
        store.close();
        List<Runnable> calls = List.of(
                () -> store.appendTrades(List.of(Trade.of("A", T0, 1, 1, 1))),
                () -> store.upsertBars(List.of(bar("A", Interval.parse("1m"), T0, 0, 1))),
                () -> all("A"),
                () -> bars("A", Interval.parse("1m")),
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

    @ParameterizedTest(
            name = "S2 S3 S7 any order, any split into batches and any retry give the same answers, seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void givesTheSameAnswersInAnyOrder(long seed) {
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
            assertThat(all(symbol))
                    .containsExactlyElementsOf(latest.stream()
                            .filter(trade -> trade.symbol().equals(symbol))
                            .toList());
            assertBars(
                    store.barsOnDemand(BarRange.of(symbol, Interval.parse("1m"), 0, Long.MAX_VALUE, 1_000)),
                    NaiveBars.of(messages, symbol, Interval.parse("1m")));
        }
    }

    /** Trades of three symbols with duplicates, ties, corrections, cancels and every eligibility. */
    private static List<Trade> messages(Random random, int count, long spanNanos) {
        List<Trade> messages = new ArrayList<>();
        while (messages.size() < count) {
            Trade trade = new Trade(
                    List.of("A", "B", "C").get(random.nextInt(3)),
                    T0 + (long) (random.nextDouble() * spanNanos) / 1_000 * 1_000,
                    T0,
                    random.nextInt(50),
                    (random.nextInt(20_000) - 1_000) / 100.0,
                    random.nextInt(1_000_000) / 1e5,
                    List.of(Side.BUY, Side.SELL, Side.UNKNOWN).get(random.nextInt(3)),
                    random.nextInt(10) > 0,
                    random.nextInt(10) > 0,
                    0);
            messages.add(trade);
            switch (random.nextInt(12)) {
                case 0 -> messages.add(trade);
                case 1 -> messages.add(trade.correctedTo(trade.price() + 0.01, trade.volume()));
                case 2 -> messages.add(trade.correctedTo(trade.price() - 1, 0).correctedTo(7, 7));
                case 3 -> messages.add(Trade.cancel(trade.symbol(), trade.eventTimeNanos(), trade.sequence(), T0));
                default -> {}
            }
        }
        // Two first reports of one identity that differ would leave open which of them holds.
        Map<List<Object>, Trade> firsts = new HashMap<>();
        messages.removeIf(trade -> {
            Trade known = firsts.putIfAbsent(
                    List.of(trade.symbol(), trade.eventTimeNanos(), trade.sequence(), trade.version()), trade);
            return known != null && !known.equals(trade);
        });
        return messages;
    }

    private List<Trade> all(String symbol) {
        return range(TradeRange.of(symbol, 0, Long.MAX_VALUE, Long.MAX_VALUE));
    }

    private List<Trade> range(TradeRange range) {
        List<Trade> trades = new ArrayList<>();
        long count = store.trades(range, trades::add);
        assertThat(count).isEqualTo(trades.size());
        return trades;
    }

    private List<Bar> bars(String symbol, Interval interval) {
        return store.bars(BarRange.of(symbol, interval, 0, Long.MAX_VALUE, Integer.MAX_VALUE));
    }

    private static Bar bar(String symbol, Interval interval, long openTimeNanos, int revision, double price) {
        return new Bar(
                symbol,
                interval,
                openTimeNanos,
                interval.closeTimeNanos(openTimeNanos),
                price,
                price + 1,
                price - 1,
                price,
                10,
                10 * price,
                4,
                openTimeNanos,
                openTimeNanos + 9,
                revision,
                revision == 0 ? BarState.CLOSED : BarState.REVISED);
    }

    private static Bar retracted(String symbol, Interval interval, long openTimeNanos, int revision) {
        return new Bar(
                symbol,
                interval,
                openTimeNanos,
                interval.closeTimeNanos(openTimeNanos),
                Double.NaN,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                0,
                0,
                0,
                0,
                0,
                revision,
                BarState.REVISED);
    }

    private static void assertBars(List<Bar> actual, List<Bar> expected) {
        assertThat(actual.stream().map(Bar::openTimeNanos))
                .containsExactlyElementsOf(
                        expected.stream().map(Bar::openTimeNanos).toList());
        for (int i = 0; i < actual.size(); i++) {
            Bar bar = actual.get(i);
            Bar naive = expected.get(i);
            assertThat(withSumsOf(bar, naive)).isEqualTo(naive);
            assertClose(bar.volume(), naive.volume(), naive.volume());
            assertClose(bar.notional(), naive.notional(), naive.volume() * 200);
        }
    }

    /** Relative to the size of the terms: where they cancel out, their sum may be anything near zero. */
    private static void assertClose(double actual, double expected, double scale) {
        assertThat(Math.abs(actual - expected))
                .isLessThanOrEqualTo(RELATIVE_ERROR_MAX * Math.max(Math.abs(expected), scale));
    }

    private static Bar withSumsOf(Bar bar, Bar other) {
        return new Bar(
                bar.symbol(),
                bar.interval(),
                bar.openTimeNanos(),
                bar.closeTimeNanos(),
                bar.open(),
                bar.high(),
                bar.low(),
                bar.close(),
                other.volume(),
                other.notional(),
                bar.tradeCount(),
                bar.firstEventNanos(),
                bar.lastEventNanos(),
                bar.revision(),
                bar.state());
    }
}
