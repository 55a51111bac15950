package io.tsdash.timescale;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import io.tsdash.store.AppendResult;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import io.tsdash.store.TradeRange;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What only TimescaleDB does: compressed chunks, real-time views, jobs, and bars whose trades are gone. */
@Timeout(120)
class HypertableTest {
    private static final long T0 = Instant.parse("2026-03-02T15:00:00Z").getEpochSecond() * 1_000_000_000L;
    private static final long SECOND = 1_000_000_000L;
    private static final long MINUTE = 60 * SECOND;
    private static final Interval ONE_MINUTE = Interval.parse("1m");

    private final int port = Servers.timescale().port();
    private TimescaleOptions options;
    private MarketStore store;

    @BeforeEach
    void open() {
        options = Servers.newSchema(port).build();
        store = TimescaleMarketStore.open(options, TimeSource.system());
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void declaresWhatItPrecomputes() {
        assertThat(store.capabilities().name()).isEqualTo("timescaledb");
        assertThat(store.capabilities().precomputed())
                .extracting(Interval::text)
                .containsExactly("1m", "5m", "1h", "1d");
    }

    @Test
    void countsLateCorrectedAndRepeatedTradesInCompressedChunks() throws Exception {
        List<Trade> trades = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            trades.add(Trade.of("S" + i % 3, T0 + i * SECOND, i, 100 + i % 11, 1));
        }
        store.appendTrades(trades);
        store.refreshBars();
        compress();

        assertThat(store.appendTrades(trades)).isEqualTo(new AppendResult(0, 0, 3_000));
        List<Trade> changes = List.of(
                Trade.of("S0", T0 + SECOND / 2, 1, 500, 5),
                trades.get(1).correctedTo(7, 7),
                Trade.cancel("S2", trades.get(2).eventTimeNanos(), 2, T0),
                trades.get(3));
        assertThat(store.appendTrades(changes)).isEqualTo(new AppendResult(1, 2, 1));
        assertThat(store.appendTrades(changes)).isEqualTo(new AppendResult(0, 0, 4));

        assertThat(store.tradeCount()).isEqualTo(3_000);
        assertThat(store.lastTrade("S1")).contains(trades.get(2_998));
        assertThat(store.symbols()).containsExactly("S0", "S1", "S2");
        List<Trade> read = new ArrayList<>();
        store.trades(TradeRange.of("S1", 0, Long.MAX_VALUE, 2), read::add);
        assertThat(read).containsExactly(trades.get(1).correctedTo(7, 7), trades.get(4));
        store.refreshBars();
        for (String symbol : store.symbols()) {
            BarRange range = BarRange.of(symbol, ONE_MINUTE, 0, Long.MAX_VALUE, 1_000);
            assertThat(store.precomputedBars(range)).hasSize(50).isEqualTo(store.barsOnDemand(range));
        }
    }

    @Test
    void showsANewTradeInTheNewestBarAtOnce() {
        store.appendTrades(List.of(Trade.of("A", T0, 1, 10, 1), Trade.of("A", T0 + 5 * MINUTE, 2, 11, 1)));
        store.refreshBars();
        store.appendTrades(
                List.of(Trade.of("A", T0 + 5 * MINUTE + 1, 3, 12, 1), Trade.of("A", T0 + 6 * MINUTE, 4, 13, 1)));
        for (Interval interval : store.capabilities().precomputed()) {
            BarRange range = BarRange.of("A", interval, 0, Long.MAX_VALUE, 10);
            assertThat(store.precomputedBars(range)).as(interval.text()).isEqualTo(store.barsOnDemand(range));
        }
    }

    @Test
    void aRefreshOfNothingFinishesNothing() {
        store.refreshBars();
        showsANewTradeInTheNewestBarAtOnce();
    }

    @Test
    void aTradeOfTheFarFutureDoesNotStopTheNewestBar() {
        store.appendTrades(List.of(Trade.of("A", Long.MAX_VALUE - 1_000, 1, 99, 1)));
        store.refreshBars();
        long now = TimeSource.system().epochNanos();
        for (int i = 0; i < 3; i++) {
            store.appendTrades(List.of(Trade.of("A", now + i, i, 10 + i, 1)));
            BarRange range = BarRange.of("A", ONE_MINUTE, 0, Long.MAX_VALUE, 10);
            assertThat(store.precomputedBars(range)).isEqualTo(store.barsOnDemand(range));
        }
    }

    @Test
    void keepsTheBarsOfRemovedTradesWhateverComesLate() {
        List<Trade> trades = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            trades.add(Trade.of("A", T0 + i * SECOND, i, 100 + i % 7, 1));
        }
        store.appendTrades(trades);
        BarRange range = BarRange.of("A", ONE_MINUTE, 0, Long.MAX_VALUE, 100);
        List<Bar> before = store.barsOnDemand(range);
        // In the middle of a minute, and before any refresh.
        long bound = T0 + 4 * MINUTE + 30 * SECOND;
        assertThat(store.deleteTradesBefore(bound)).isEqualTo(270);

        assertThat(store.precomputedBars(range)).isEqualTo(before);
        store.appendTrades(List.of(Trade.of("A", T0 + MINUTE, 9_999, 1, 1)));
        store.refreshBars();
        assertThat(store.precomputedBars(range)).isEqualTo(before);
        Trade late = Trade.of("A", T0 + 8 * MINUTE, 9_999, 1, 1);
        store.appendTrades(List.of(late));
        store.refreshBars();
        List<Bar> after = store.precomputedBars(range);
        assertThat(after.subList(0, 8)).isEqualTo(before.subList(0, 8));
        assertThat(after.get(8).low()).isEqualTo(1);
        BarRange fives = BarRange.of("A", Interval.parse("5m"), 0, Long.MAX_VALUE, 100);
        assertThat(store.precomputedBars(fives)).extracting(Bar::tradeCount).containsExactly(300L, 301L);
    }

    @Test
    void keepsTheBarsOfTradesThatTheDatabaseDropped() throws Exception {
        TimescaleOptionsBuilder builder = Servers.newSchema(port).chunkInterval(Duration.ofHours(1));
        long now = TimeSource.system().epochNanos();
        long old = ONE_MINUTE.openTimeNanos(now - 5 * 24 * 60 * MINUTE);
        BarRange range = BarRange.of("A", ONE_MINUTE, 0, Long.MAX_VALUE, 100);
        List<Bar> before;
        try (MarketStore all = TimescaleMarketStore.open(builder.build(), TimeSource.system())) {
            all.appendTrades(List.of(Trade.of("A", old, 1, 10, 1), Trade.of("A", old + 1, 2, 11, 1)));
            all.appendTrades(List.of(Trade.of("A", now - 10 * MINUTE, 3, 12, 1)));
            all.refreshBars();
            before = all.precomputedBars(range);
        }
        builder.columnstoreAfter(Duration.ZERO)
                .tradeRetention(Duration.ofDays(1))
                .refresh(Duration.ofMinutes(1), RefreshBy.DATABASE);
        try (MarketStore some = TimescaleMarketStore.open(builder.build(), TimeSource.system())) {
            for (String job : Sql.texts(
                    port,
                    "SELECT job_id FROM timescaledb_information.jobs WHERE proc_name = 'policy_retention' AND"
                            + " hypertable_schema = '" + builder.build().schema() + "'")) {
                Sql.run(port, "CALL run_job(" + job + ")");
            }
            assertThat(some.tradeCount()).isEqualTo(1);
            some.appendTrades(List.of(Trade.of("A", old + 2, 4, 99, 1)));
            some.refreshBars();
            assertThat(some.precomputedBars(range)).hasSize(2).isEqualTo(before);
        }
    }

    @Test
    void theJobOfTheDatabaseRefreshes() throws Exception {
        options = Servers.newSchema(port)
                .refresh(Duration.ofMinutes(1), RefreshBy.DATABASE)
                .build();
        try (MarketStore other = TimescaleMarketStore.open(options, TimeSource.system())) {
            other.appendTrades(List.of(Trade.of("A", T0, 1, 10, 1), Trade.of("A", T0 + 5 * MINUTE, 2, 11, 1)));
            other.refreshBars();
            other.appendTrades(List.of(Trade.of("A", T0 + 1, 3, 12, 1)));
            BarRange range = BarRange.of("A", ONE_MINUTE, 0, Long.MAX_VALUE, 10);
            assertThat(other.precomputedBars(range).get(0).close()).isEqualTo(10);
            String job = Sql.texts(
                            port,
                            "SELECT job_id FROM timescaledb_information.jobs WHERE proc_schema = '" + options.schema()
                                    + "'")
                    .get(0);
            // This server has no scheduler; the job is run by hand.
            Sql.run(port, "CALL run_job(" + job + ")");
            assertThat(other.precomputedBars(range).get(0).close()).isEqualTo(12);
        }
    }

    @Test
    void theStoreRefreshesByItselfWhereItIsToldTo() {
        options = Servers.newSchema(port)
                .refresh(Duration.ofSeconds(1), RefreshBy.STORE)
                .build();
        try (MarketStore other = TimescaleMarketStore.open(options, TimeSource.system())) {
            other.appendTrades(List.of(Trade.of("A", T0, 1, 10, 1), Trade.of("A", T0 + 5 * MINUTE, 2, 11, 1)));
            other.refreshBars();
            other.appendTrades(List.of(Trade.of("A", T0 + 1, 3, 12, 1)));
            BarRange range = BarRange.of("A", ONE_MINUTE, 0, Long.MAX_VALUE, 10);
            long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (other.precomputedBars(range).get(0).close() != 12) {
                assertThat(System.nanoTime()).isLessThan(giveUp);
                LockSupport.parkNanos(50_000_000);
            }
        }
    }

    private void compress() throws Exception {
        List<String> chunks = Sql.texts(port, "SELECT show_chunks('" + options.schema() + ".trades')::regclass::text");
        assertThat(chunks).isNotEmpty();
        for (String chunk : chunks) {
            Sql.run(port, "CALL convert_to_columnstore('" + chunk + "')");
        }
    }
}
