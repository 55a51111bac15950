package io.tsdash.testkit;

import static io.tsdash.testkit.StoreSamples.HOUR;
import static io.tsdash.testkit.StoreSamples.MINUTE;
import static io.tsdash.testkit.StoreSamples.SECOND;
import static io.tsdash.testkit.StoreSamples.T0;
import static io.tsdash.testkit.StoreSamples.all;
import static io.tsdash.testkit.StoreSamples.assertBars;
import static io.tsdash.testkit.StoreSamples.assertPrecomputed;
import static io.tsdash.testkit.StoreSamples.bar;
import static io.tsdash.testkit.StoreSamples.bars;
import static io.tsdash.testkit.StoreSamples.messages;
import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.error.TransientException;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import io.tsdash.store.AppendResult;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** S14 to S16: several writers at once, writes that were cut, and times that are close. */
interface RetryRules extends StoreUnderTest {
    /** With the pause between them, some 20 s. */
    int ATTEMPTS_MAX = 200;

    /** Between two attempts. */
    long PAUSE_NANOS = 100_000_000;

    @Test
    @DisplayName("S14 threads append at once, also the same trades: each is there once")
    default void takesWritesOfSeveralThreads() throws Exception {
        MarketStore store = store();
        List<Trade> messages = messages(new Random(14), 2_000, 6 * HOUR);
        int threads = 4;
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                // Two of them write the same half, in another order and in other batches.
                int half = messages.size() / 2;
                List<Trade> mine = new ArrayList<>(messages.subList(i % 2 * half, i % 2 * half + half));
                Collections.shuffle(mine, new Random(i));
                int size = 100 + 70 * i;
                running.add(executor.submit(() -> {
                    for (int from = 0; from < mine.size(); from += size) {
                        append(store, mine.subList(from, Math.min(mine.size(), from + size)));
                    }
                }));
            }
            for (Future<?> each : running) {
                each.get(100, TimeUnit.SECONDS);
            }
        } finally {
            executor.shutdownNow();
        }
        assertExactlyOnce(store, messages);
    }

    @Test
    @DisplayName("S14 where symbols are shared, two processes append the same trades at once: each is there once")
    default void takesWritesOfSeveralProcesses() throws Exception {
        MarketStore store = store();
        if (!store.capabilities().sharedSymbols()) {
            return;
        }
        List<Trade> messages = messages(new Random(17), 1_500, 6 * HOUR);
        ExecutorService executor = Executors.newFixedThreadPool(2);
        try (MarketStore other = another()) {
            List<Future<?>> running = new ArrayList<>();
            for (MarketStore each : List.of(store, other)) {
                List<Trade> mine = new ArrayList<>(messages);
                Collections.shuffle(mine, new Random(running.size()));
                running.add(executor.submit(() -> {
                    for (int from = 0; from < mine.size(); from += 100) {
                        append(each, mine.subList(from, Math.min(mine.size(), from + 100)));
                    }
                }));
            }
            for (Future<?> each : running) {
                each.get(100, TimeUnit.SECONDS);
            }
            assertExactlyOnce(store, messages);
            assertExactlyOnce(other, messages);
            assertThat(other.appendTrades(messages)).isEqualTo(new AppendResult(0, 0, messages.size()));
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    @DisplayName("S15 a write that was cut anywhere can be tried again: each trade is there once, and in the bars once")
    default void writesOnceWhatWasCut() {
        MarketStore store = store();
        List<Trade> messages = messages(new Random(15), 6_000, 24 * HOUR);
        long[] cuts = {0, 1, 60, 700, 3_000, 9_000, 20_000, 40_000};
        int batch = messages.size() / (2 * cuts.length) + 1;
        int failures = 0;
        for (int i = 0; i < 2 * cuts.length; i++) {
            List<Trade> trades = messages.subList(i * batch, Math.min(messages.size(), (i + 1) * batch));
            if (wire().isPresent()) {
                FaultProxy proxy = wire().get();
                if (i % 2 == 0) {
                    proxy.cutAfterSending(cuts[i / 2]);
                } else {
                    proxy.cutAfterReceiving(cuts[i / 2]);
                }
                failures += fails(() -> store.appendTrades(trades)) ? 1 : 0;
                proxy.heal();
            }
            append(store, trades);
            append(store, trades.subList(0, trades.size() / 2));
        }
        assertThat(failures).isGreaterThanOrEqualTo(wire().isPresent() ? 3 : 0);
        assertExactlyOnce(store, messages);
    }

    @Test
    @DisplayName("S15 an answer that was cut anywhere is no answer: all rows, or a failure in passing")
    default void readsAllOrFails() {
        MarketStore store = store();
        List<Trade> trades = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            trades.add(Trade.of("A", T0 + i * SECOND, i, 100 + i % 7 / 3.0, 1 + i % 11 / 7.0));
        }
        append(store, trades);
        Interval minute = Interval.parse("1m");
        BarRange range = BarRange.of("A", minute, 0, Long.MAX_VALUE, 10_000);
        List<Bar> naive = NaiveBars.of(trades, "A", minute);
        List<Runnable> questions = List.of(
                () -> assertThat(all(store, "A")).isEqualTo(trades),
                () -> assertBars(store.barsOnDemand(range), naive),
                () -> assertThat(store.tradeCount()).isEqualTo(trades.size()),
                () -> assertThat(store.symbols()).containsExactly("A"),
                () -> assertThat(store.lastTrade("A")).contains(trades.get(1_999)));
        int failures = 0;
        for (long cut : new long[] {0, 1, 500, 5_000}) {
            for (Runnable question : questions) {
                wire().ifPresent(proxy -> proxy.cutAfterReceiving(cut));
                failures += fails(question) ? 1 : 0;
                wire().ifPresent(FaultProxy::heal);
                untilItPasses(question);
            }
        }
        assertThat(failures).isGreaterThanOrEqualTo(wire().isPresent() ? 2 * questions.size() : 0);
    }

    @Test
    @DisplayName("S15 bars whose write was cut anywhere can be written again: each is there once")
    default void writesBarsOnceWhenTheyWereCut() {
        MarketStore store = store();
        Interval minute = Interval.parse("1m");
        List<Bar> expected = new ArrayList<>();
        int failures = 0;
        for (long cut : new long[] {0, 1, 500, 5_000}) {
            for (boolean sending : new boolean[] {true, false}) {
                List<Bar> some = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                    some.add(bar("A", minute, T0 + (expected.size() + i) * MINUTE, 0, 100 + i));
                }
                wire().ifPresent(proxy -> {
                    if (sending) {
                        proxy.cutAfterSending(cut);
                    } else {
                        proxy.cutAfterReceiving(cut);
                    }
                });
                failures += fails(() -> store.upsertBars(some)) ? 1 : 0;
                wire().ifPresent(FaultProxy::heal);
                untilItPasses(() -> store.upsertBars(some));
                expected.addAll(some);
                assertThat(bars(store, "A", minute)).isEqualTo(expected);
            }
        }
        assertThat(failures).isGreaterThanOrEqualTo(wire().isPresent() ? 4 : 0);
    }

    @Test
    @DisplayName("S15 while the server is away a write fails in passing, and after that nothing is lost or double")
    default void goesOnWhenTheServerIsBack() {
        MarketStore store = store();
        List<Trade> messages = messages(new Random(16), 900, 6 * HOUR);
        append(store, messages.subList(0, 300));
        Optional<FaultProxy> proxy = wire();
        if (proxy.isPresent()) {
            proxy.get().refuse();
            assertThat(fails(() -> store.appendTrades(messages.subList(300, 600))))
                    .isTrue();
            proxy.get().heal();
        }
        append(store, messages.subList(200, 900));
        assertExactlyOnce(store, messages);
    }

    @Test
    @DisplayName("S16 event times that differ by the declared precision are kept apart and in order")
    default void keepsTimesApart() {
        MarketStore store = store();
        long precision = store.capabilities().timePrecisionNanos();
        assertThat(precision).isBetween(1L, 1_000_000_000L);
        List<Trade> trades = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            trades.add(Trade.of("A", T0 + i * precision, 1_000 - i, i, 1));
        }
        List<Trade> shuffled = new ArrayList<>(trades);
        Collections.shuffle(shuffled, new Random(1));
        for (int from = 0; from < shuffled.size(); from += 60) {
            store.appendTrades(shuffled.subList(from, from + 60));
        }
        assertThat(all(store, "A")).containsExactlyElementsOf(trades);
        assertPrecomputed(store, trades);
    }

    private static void append(MarketStore store, List<Trade> trades) {
        untilItPasses(() -> store.appendTrades(trades));
    }

    /** Tries for a while: connections of before a cut may turn up broken, and a server may have to come back. */
    private static void untilItPasses(Runnable call) {
        for (int attempt = 1; fails(call); attempt++) {
            assertThat(attempt).as("attempts").isLessThan(ATTEMPTS_MAX);
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private static boolean fails(Runnable call) {
        try {
            call.run();
            return false;
        } catch (TransientException e) {
            return true;
        }
    }

    private static void assertExactlyOnce(MarketStore store, List<Trade> messages) {
        List<Trade> latest = NaiveBars.latest(messages);
        for (String symbol : List.of("A", "B", "C")) {
            assertThat(all(store, symbol))
                    .containsExactlyElementsOf(latest.stream()
                            .filter(trade -> trade.symbol().equals(symbol))
                            .toList());
        }
        assertThat(store.tradeCount()).isEqualTo(latest.size());
        assertPrecomputed(store, messages);
    }
}
