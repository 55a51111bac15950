package io.tsdash.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/** Several nodes of ours that all find an empty database at the same moment. */
final class OpenedAtOnce {
    private static final int NODES = 4;
    private static final long T0 = 1_723_075_200_000_000_000L;

    private OpenedAtOnce() {}

    /** Opens a store by each of the options, and sees that each can write and read what all have written. */
    static void check(IntFunction<ClickHouseOptions> options) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(NODES);
        try {
            CountDownLatch start = new CountDownLatch(1);
            List<Future<MarketStore>> stores = new ArrayList<>();
            for (int i = 0; i < NODES; i++) {
                ClickHouseOptions mine = options.apply(i);
                stores.add(executor.submit(() -> {
                    start.await();
                    return ClickHouseMarketStore.open(mine, TimeSource.system());
                }));
            }
            start.countDown();
            int sequence = 0;
            for (Future<MarketStore> store : stores) {
                try (MarketStore open = store.get(60, TimeUnit.SECONDS)) {
                    Trade trade = Trade.of("S" + sequence, T0, sequence++, 1, 1);
                    open.appendTrades(List.of(trade));
                    assertThat(open.tradeCount()).isEqualTo(sequence);
                    assertThat(open.precomputedBars(
                                    BarRange.of(trade.symbol(), Interval.parse("1h"), 0, Long.MAX_VALUE, 9)))
                            .hasSize(1);
                }
            }
        } finally {
            executor.shutdownNow();
        }
    }
}
