package io.tsdash.influx;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import io.tsdash.testkit.ManualTimeSource;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The continuous queries on a real InfluxDB 1.x, which runs them once a minute. */
@Timeout(200)
final class ContinuousQueriesTest {
    private static final Interval MINUTE = Interval.parse("1m");
    private static final Interval HOUR = Interval.parse("1h");

    @Test
    void theServerMakesTheBarsOfTheRunningMinutesByItself() throws Exception {
        String database = TestServers.newDatabase();
        InfluxOptions options = InfluxOptions.at(TestServers.shared().address())
                .database(database)
                .refreshEvery(Duration.ZERO)
                .continuousQueries(true)
                .build();
        assertThat(InfluxMarketStore.plan(options))
                .filteredOn(step -> step.startsWith("CREATE CONTINUOUS QUERY"))
                .hasSize(8);
        long now = TimeSource.system().epochNanos();
        List<Trade> trades = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            trades.add(new Trade(
                    "A b's",
                    now - i * 100_000_000L,
                    now,
                    i,
                    100 + i % 7,
                    1 + i % 3,
                    Side.BUY,
                    i % 5 != 0,
                    i % 3 != 0,
                    0));
        }
        try (MarketStore store = InfluxMarketStore.open(options, TimeSource.system())) {
            assertThat(InfluxMarketStore.plan(options)).isEmpty();
            store.appendTrades(trades);
            BarRange minutes = BarRange.of("A b's", MINUTE, 0, Long.MAX_VALUE, 10);
            List<Bar> made = List.of();
            CountDownLatch never = new CountDownLatch(1);
            // It runs at the start of each minute.
            for (int i = 0; i < 750 && !made.equals(store.barsOnDemand(minutes)); i++) {
                assertThat(never.await(200, TimeUnit.MILLISECONDS)).isFalse();
                made = store.precomputedBars(minutes);
            }
            assertThat(made).isNotEmpty().isEqualTo(store.barsOnDemand(minutes));

            // What is taken back whole is beyond them, and is left to the refresh.
            trades.forEach(trade -> store.appendTrades(
                    List.of(Trade.cancel(trade.symbol(), trade.eventTimeNanos(), trade.sequence(), now))));
            store.refreshBars();
            assertThat(store.precomputedBars(minutes)).isEmpty();
        }
        InfluxOptions without = InfluxOptions.at(TestServers.shared().address())
                .database(database)
                .build();
        assertThat(InfluxMarketStore.plan(without))
                .hasSize(8)
                .allMatch(step -> step.startsWith("DROP CONTINUOUS QUERY \"tsdash_bar_"));
        InfluxMarketStore.open(without, TimeSource.system()).close();
        assertThat(InfluxMarketStore.plan(without)).isEmpty();
    }

    @Test
    void whatARunningQueryPutBackIsMadeASecondTime() {
        ManualTimeSource time = new ManualTimeSource(TimeSource.system().epochNanos());
        InfluxOptions options = InfluxOptions.at(TestServers.shared().address())
                .database(TestServers.newDatabase())
                .refreshEvery(Duration.ZERO)
                .continuousQueries(true)
                .build();
        long old = 1_772_463_600_000_000_000L;
        BarRange hours = BarRange.of("A", HOUR, 0, Long.MAX_VALUE, 10);
        try (InfluxMarketStore store = InfluxMarketStore.open(options, time)) {
            store.appendTrades(List.of(Trade.of("A", old, 1, 5, 5)));
            store.refreshBars();
            List<Bar> right = store.precomputedBars(hours);
            assertThat(right).isEqualTo(store.barsOnDemand(hours)).hasSize(1);
            TestServers.write(options.database(), "tsdash_bars", "bar_1h,symbol=A volume=77,high=88 " + old);
            store.refreshBars();
            assertThat(store.precomputedBars(hours)).isNotEqualTo(right);
            time.advance(Duration.ofMinutes(2));
            store.refreshBars();
            assertThat(store.precomputedBars(hours)).isEqualTo(right);
        }
    }
}
