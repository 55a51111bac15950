package io.tsdash.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import io.tsdash.testkit.FaultProxy;
import io.tsdash.testkit.NaiveBars;
import io.tsdash.time.TimeSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ClickHousePrecomputedTest {
    private static final long MINUTE_NANOS = 60_000_000_000L;
    private static final long DAY_NANOS = 1_440 * MINUTE_NANOS;
    private static final long T0 = 1_772_463_600_000_000_000L / DAY_NANOS * DAY_NANOS;
    private static final List<String> INTERVALS = List.of("1m", "5m", "1h", "1d");

    private final String database = TestServer.newDatabase();
    private final FaultProxy proxy =
            FaultProxy.to("127.0.0.1", TestServer.shared().port());
    private final MarketStore store = open();

    @AfterEach
    void drop() {
        store.close();
        proxy.close();
        TestServer.shared().execute("DROP DATABASE IF EXISTS " + database);
    }

    @Test
    void putsRightWhatAKilledWriterLeftHalfWritten() {
        List<Trade> trades = new ArrayList<>(trades(0, 100));
        store.appendTrades(trades);
        // As if it were killed between the trades and the bars: a part of the chain is missing while it writes.
        TestServer.shared().execute("DROP TABLE " + database + ".bars_5m_feed");
        List<Trade> more = trades(100, 200);
        store.appendTrades(more);
        trades.addAll(more);
        proxy.refuse();
        store.close();
        proxy.heal();

        try (MarketStore again = open()) {
            assertBars(again, trades);
            again.appendTrades(trades);
            assertBars(again, trades);
        }
    }

    @Test
    void leavesBarsOfOthersAloneWhenItOpens() {
        store.appendTrades(trades(0, 10));
        String before = rebuiltRows();
        store.close();
        try (MarketStore again = open()) {
            again.appendTrades(trades(10, 20));
            assertThat(rebuiltRows()).isEqualTo(before).isEqualTo("0");
        }
    }

    @Test
    void doesNotCountAgainWhatWasRemoved() {
        List<Trade> old = trades(0, 100);
        store.appendTrades(old);
        store.deleteTradesBefore(T0 + DAY_NANOS);

        // A source replays, and corrects what is no longer there: the bars are complete and stay.
        store.appendTrades(old);
        store.appendTrades(List.of(old.get(5).correctedTo(9_999, 9_999)));

        assertBars(store, old);
    }

    @Test
    void buildsBarsOfWhatComesAfterARemoval() {
        List<Trade> old = trades(0, 100);
        store.appendTrades(old);
        store.deleteTradesBefore(T0 + DAY_NANOS);

        List<Trade> backfill = List.of(
                Trade.of("B", T0, 1, 5, 5),
                Trade.of("B", T0 + 1, 2, 6, 6),
                Trade.of("B", T0 + 70 * MINUTE_NANOS, 3, 7, 7));
        backfill.forEach(trade -> store.appendTrades(List.of(trade)));

        for (String text : INTERVALS) {
            Interval interval = Interval.parse(text);
            assertThat(precomputed(store, "B", interval)).isEqualTo(NaiveBars.of(backfill, "B", interval));
        }
        assertBars(store, old);
    }

    @Test
    void answersManyBarsInPages() {
        List<Trade> trades = new ArrayList<>();
        for (int i = 0; i < 60_000; i++) {
            trades.add(Trade.of("A", T0 + i * MINUTE_NANOS, i, i, 1));
        }
        store.appendTrades(trades);
        Interval minute = Interval.parse("1m");
        assertThat(precomputed(store, "A", minute)).hasSize(60_000);
        assertThat(store.precomputedBars(new BarRange("A", minute, 0, Long.MAX_VALUE, 55_000, true)))
                .hasSize(55_000)
                .extracting(Bar::open)
                .endsWith(59_999.0)
                .startsWith(5_000.0);
        long[] sum = {0};
        assertThat(store.trades(
                        io.tsdash.store.TradeRange.of("A", 0, Long.MAX_VALUE, 59_000), t -> sum[0] += t.sequence()))
                .isEqualTo(59_000);
        assertThat(sum[0]).isEqualTo(59_000L * 58_999 / 2);
    }

    @Test
    void findsFewBarsInALongTimeAfterMany() {
        List<Trade> trades = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            trades.add(Trade.of("A", T0 + 60 * DAY_NANOS + i * MINUTE_NANOS, i, i, 1));
        }
        for (int i = 0; i < 5; i++) {
            trades.add(Trade.of("B", T0 + i * (15L * DAY_NANOS), i, i, 1));
        }
        store.appendTrades(trades);
        store.appendTrades(List.of(trades.get(2_001).correctedTo(77, 7)));
        Interval minute = Interval.parse("1m");
        for (int i = 0; i < 3; i++) {
            assertThat(store.precomputedBars(new BarRange("A", minute, 0, Long.MAX_VALUE, 500, true)))
                    .extracting(Bar::open)
                    .hasSize(500)
                    .startsWith(1_500.0)
                    .endsWith(1_999.0);
            assertThat(store.precomputedBars(new BarRange("B", minute, 0, Long.MAX_VALUE, 4, true)))
                    .extracting(Bar::open)
                    .containsExactly(77.0, 2.0, 3.0, 4.0);
            assertThat(store.precomputedBars(BarRange.of("B", minute, 0, Long.MAX_VALUE, 4)))
                    .extracting(Bar::open)
                    .containsExactly(0.0, 77.0, 2.0, 3.0);
            assertThat(store.precomputedBars(BarRange.of("A", minute, 0, Long.MAX_VALUE, 3)))
                    .extracting(Bar::open)
                    .containsExactly(0.0, 1.0, 2.0);
            // Newer than all that was known when it was last asked.
            Trade newer = Trade.of("B", T0 + (100L + i) * DAY_NANOS, i, i, 1);
            store.appendTrades(List.of(newer));
            assertThat(store.precomputedBars(new BarRange("B", minute, 0, Long.MAX_VALUE, 1, true)))
                    .extracting(Bar::openTimeNanos)
                    .containsExactly(newer.eventTimeNanos());
            store.appendTrades(List.of(Trade.cancel("B", newer.eventTimeNanos(), i, 0)));
        }
    }

    private String rebuiltRows() {
        return TestServer.shared().execute("SELECT count() FROM " + database + ".bars_1m WHERE rebuilt = 1");
    }

    private static void assertBars(MarketStore store, List<Trade> trades) {
        for (String text : INTERVALS) {
            Interval interval = Interval.parse(text);
            assertThat(precomputed(store, "A", interval)).isEqualTo(NaiveBars.of(trades, "A", interval));
        }
    }

    private static List<Bar> precomputed(MarketStore store, String symbol, Interval interval) {
        return store.precomputedBars(BarRange.of(symbol, interval, 0, Long.MAX_VALUE, Integer.MAX_VALUE));
    }

    /** Whole prices and volumes, so that sums are exact in any order. */
    private static List<Trade> trades(int from, int to) {
        List<Trade> trades = new ArrayList<>();
        for (int i = from; i < to; i++) {
            trades.add(Trade.of("A", T0 + i * 17_000_000_000L, i, 100 + i * 37 % 101, i % 13));
        }
        return trades;
    }

    private MarketStore open() {
        return ClickHouseMarketStore.open(
                TestServer.options(proxy.port(), database).build(), TimeSource.system());
    }
}
