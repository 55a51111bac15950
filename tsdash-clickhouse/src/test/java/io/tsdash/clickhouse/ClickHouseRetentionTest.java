package io.tsdash.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.PermanentException;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import io.tsdash.testkit.NaiveBars;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the server drops by age, and what becomes of the bars of it. */
@Timeout(120)
class ClickHouseRetentionTest {
    private static final long MINUTE_NANOS = 60_000_000_000L;
    private static final long DAY_NANOS = 1_440 * MINUTE_NANOS;
    private static final Duration DAY = Duration.ofDays(1);
    private static final Interval MINUTE = Interval.parse("1m");

    private final String database = TestServer.newDatabase();
    private final long now = TimeSource.system().epochNanos();
    /** At the beginning of a day, so that the day keeps or loses its trades whole. */
    private final long old = now / DAY_NANOS * DAY_NANOS - 3 * DAY_NANOS;

    @AfterEach
    void drop() {
        TestServer.shared().execute("DROP DATABASE IF EXISTS " + database);
    }

    @Test
    void keepsTheBarsOfTradesThatTheServerDrops() {
        List<Trade> trades = trades();
        try (MarketStore store = open(options())) {
            store.appendTrades(trades);
        }
        ClickHouseOptions.Builder shorter = options().keepTrades(DAY);
        assertThat(ClickHouseMarketStore.plan(shorter.build()))
                .containsExactly("ALTER TABLE " + database
                        + ".trades MODIFY TTL toDateTime(ts) + toIntervalSecond(86400) SETTINGS mutations_sync = 0");
        try (MarketStore store = open(shorter)) {
            dropByAge("trades", "ts");
            assertThat(store.tradeCount()).isEqualTo(1);
            addLate(store);
            assertBars(store, trades);
        }
        assertThat(ClickHouseMarketStore.plan(shorter.build())).isEmpty();
    }

    @Test
    void remembersWhatAnAgeDroppedThatHoldsNoMore() {
        List<Trade> trades = trades();
        try (MarketStore store = open(options())) {
            store.appendTrades(trades);
        }
        open(options().keepTrades(DAY)).close();
        dropByAge("trades", "ts");
        assertThat(ClickHouseMarketStore.plan(options().build()))
                .hasSize(2)
                .last()
                .asString()
                .startsWith("ALTER TABLE " + database + ".trades REMOVE TTL");
        try (MarketStore store = open(options())) {
            // Its minute has lost the trades of before: of this one alone it would be wrong.
            addLate(store);
            assertBars(store, trades);
            Trade other = Trade.of("B", old, 1, 5, 5);
            store.appendTrades(List.of(other));
            store.appendTrades(List.of(other.correctedTo(6, 6)));
            assertThat(precomputed(store, "B", MINUTE))
                    .isEqualTo(NaiveBars.of(List.of(other.correctedTo(6, 6)), "B", MINUTE));
        }
        assertThat(ClickHouseMarketStore.plan(options().build())).isEmpty();
    }

    @Test
    void bringsNoBarBackInPartThatTheServerDropped() {
        List<Trade> trades = trades();
        try (MarketStore store = open(options())) {
            store.appendTrades(trades);
        }
        try (MarketStore store = open(options().keepBars(DAY.multipliedBy(2)))) {
            dropByAge("bars_1m", "open_time");
            addLate(store);
            assertBars(store, trades.subList(3, 4));
        }
        try (MarketStore store = open(options())) {
            addLate(store);
            assertBars(store, trades.subList(3, 4));
        }
    }

    @Test
    void refusesAnAgeThatSomebodyElseSet() {
        open(options()).close();
        TestServer.shared()
                .execute("ALTER TABLE " + database + ".trades MODIFY TTL toDateTime(received) + toIntervalMonth(1)");
        assertThatThrownBy(() -> open(options()))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("table trades")
                .hasMessageContaining("its TTL is toDateTime(received) + toIntervalMonth(1)");
    }

    private List<Trade> trades() {
        return List.of(
                Trade.of("A", old + MINUTE_NANOS, 1, 10, 1),
                Trade.of("A", old + MINUTE_NANOS + 1, 2, 11, 2),
                Trade.of("A", old + 90 * MINUTE_NANOS, 3, 12, 3),
                Trade.of("A", now, 4, 13, 4));
    }

    private void addLate(MarketStore store) {
        store.appendTrades(List.of(Trade.of("A", old + MINUTE_NANOS + 2, 99, 500, 5)));
        store.appendTrades(
                List.of(Trade.of("A", old + MINUTE_NANOS + 1, 2, 11, 2).correctedTo(600, 6)));
    }

    /** As its merges do when they get to it. */
    private void dropByAge(String table, String column) {
        TestServer.shared()
                .execute("ALTER TABLE " + database + "." + table + " MATERIALIZE TTL SETTINGS mutations_sync = 2");
        TestServer.shared().execute("OPTIMIZE TABLE " + database + "." + table + " FINAL");
        assertThat(TestServer.shared()
                        .execute("SELECT count() FROM " + database + "." + table + " WHERE " + column
                                + " < now() - INTERVAL 2 DAY"))
                .isEqualTo("0");
    }

    private static void assertBars(MarketStore store, List<Trade> trades) {
        for (String text : List.of("1m", "5m", "1h", "1d")) {
            Interval interval = Interval.parse(text);
            assertThat(precomputed(store, "A", interval)).isEqualTo(NaiveBars.of(trades, "A", interval));
        }
    }

    private static List<Bar> precomputed(MarketStore store, String symbol, Interval interval) {
        return store.precomputedBars(BarRange.of(symbol, interval, 0, Long.MAX_VALUE, 1_000));
    }

    private ClickHouseOptions.Builder options() {
        return TestServer.options(TestServer.shared().port(), database);
    }

    private static MarketStore open(ClickHouseOptions.Builder options) {
        return ClickHouseMarketStore.open(options.build(), TimeSource.system());
    }
}
