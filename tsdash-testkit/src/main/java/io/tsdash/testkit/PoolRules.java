package io.tsdash.testkit;

import static io.tsdash.testkit.StoreSamples.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.model.Trade;
import io.tsdash.store.MarketStore;
import io.tsdash.store.PoolUse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** S18: connections that calls have, and give back. */
interface PoolRules extends StoreUnderTest {
    /** How long calls may take to have one. */
    long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    @Test
    @DisplayName("S18 a call gives its connection back, however it ends, in a store that has a bounded number of them")
    default void givesConnectionsBack() throws Exception {
        MarketStore store = store();
        Optional<PoolUse> none = store.poolUse().map(use -> new PoolUse(0, use.max()));
        Trade trade = Trade.of("A", T0, 1, 100, 1);
        store.appendTrades(List.of(trade));
        assertThat(store.lastTrade("A")).contains(trade);
        assertThat(store.poolUse()).as("calls that went well").isEqualTo(none);
        if (none.isPresent() && wire().isPresent()) {
            callsWithoutAnAnswer(store, wire().get());
            assertThat(store.poolUse()).as("calls that were cut").isEqualTo(none);
        }
        store.close();
        assertThatThrownBy(() -> store.lastTrade("A")).isInstanceOf(PermanentException.class);
        assertThat(store.poolUse()).as("closed").isEqualTo(none);
    }

    private static void callsWithoutAnAnswer(MarketStore store, FaultProxy proxy) throws Exception {
        List<Runnable> calls = List.of(
                () -> store.lastTrade("A"),
                store::symbols,
                () -> store.appendTrades(List.of(Trade.of("A", T0, 2, 100, 1))));
        ExecutorService executor = Executors.newFixedThreadPool(calls.size());
        try {
            proxy.beSilent();
            List<Future<?>> waiting = new ArrayList<>();
            for (Runnable call : calls) {
                waiting.add(executor.submit(call));
                awaitInUse(store, waiting.size());
            }
            proxy.refuse();
            for (Future<?> call : waiting) {
                assertThatThrownBy(() -> call.get(PATIENCE_NANOS, TimeUnit.NANOSECONDS))
                        .hasCauseInstanceOf(TransientException.class);
            }
        } finally {
            proxy.heal();
            executor.shutdownNow();
        }
    }

    private static void awaitInUse(MarketStore store, int calls) {
        long startNanos = System.nanoTime();
        while (store.poolUse().orElseThrow().inUse() != calls) {
            assertThat(System.nanoTime() - startNanos)
                    .as("%s calls wait, but %s", calls, store.poolUse())
                    .isLessThan(PATIENCE_NANOS);
            LockSupport.parkNanos(1_000_000);
        }
    }
}
