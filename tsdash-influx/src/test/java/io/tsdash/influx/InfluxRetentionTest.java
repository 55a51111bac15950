package io.tsdash.influx;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.engines.InfluxServer;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A real InfluxDB 1.x drops trades by its own clock, and the bars that were made of them stay. */
@Timeout(60)
final class InfluxRetentionTest {
    private static final long T0 = 1_772_463_600_000_000_000L;
    private static final long MINUTE = 60_000_000_000L;

    @Test
    void barsOutliveTradesThatTheServerDrops() {
        try (InfluxServer server = InfluxServer.start(TestServers.folder())) {
            long now = TimeSource.system().epochNanos();
            List<List<Bar>> before;
            try (MarketStore store = open(server, Duration.ZERO)) {
                List<Trade> trades = new ArrayList<>();
                for (int i = 0; i < 30; i++) {
                    trades.add(Trade.of("A", T0 + i * MINUTE, i, 100 + i, 1));
                }
                trades.add(Trade.of("A", now, 99, 1, 1));
                store.appendTrades(trades);
                store.refreshBars();
                before = bars(store);
                // It leaves a mark: these minutes are to be made again by who comes next.
                store.appendTrades(List.of(Trade.of("A", T0, 0, 100, 1)));
            }
            try (MarketStore store = open(server, Duration.ofDays(1))) {
                while (store.tradeCount() > 1) {
                    LockSupport.parkNanos(50_000_000);
                }
                store.refreshBars();
                assertThat(bars(store)).isEqualTo(before);
                store.appendTrades(List.of(Trade.of("A", now + 1_000, 100, 2, 1)));
                store.refreshBars();
                assertThat(bars(store).get(0))
                        .hasSize(31)
                        .startsWith(before.get(0).subList(0, 30).toArray(new Bar[0]));
            }
            // What is shorter yet is not refused either, nor what is longer again.
            open(server, Duration.ofHours(1)).close();
            open(server, Duration.ofDays(400)).close();
        }
    }

    private static MarketStore open(InfluxServer server, Duration keep) {
        return InfluxMarketStore.open(
                InfluxOptions.at(server.address())
                        .database("kept")
                        .tradeRetention(keep)
                        .refreshEvery(Duration.ZERO)
                        .build(),
                TimeSource.system());
    }

    private static List<List<Bar>> bars(MarketStore store) {
        List<List<Bar>> bars = new ArrayList<>();
        for (Interval interval : store.capabilities().precomputed()) {
            bars.add(store.precomputedBars(BarRange.of("A", interval, 0, Long.MAX_VALUE, 10_000)));
        }
        return bars;
    }
}
