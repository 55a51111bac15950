package io.tsdash.testkit.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.ConfigurationException;
import io.tsdash.resilience.Bulkhead;
import io.tsdash.resilience.CallRefusedException;
import io.tsdash.resilience.GuardListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BulkheadTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch go = new CountDownLatch(1);
    private final AtomicInteger refused = new AtomicInteger();
    private final GuardListener listener = new GuardListener() {
        @Override
        public void refused(String guard, String why) {
            refused.incrementAndGet();
        }
    };

    @AfterEach
    void endAll() {
        threads.shutdownNow();
    }

    @Test
    void soManyAreUnderWaySoManyWaitAndOthersAreRefusedAtOnce() throws Exception {
        Bulkhead bulkhead = new Bulkhead("db", 2, 3, LONG, listener);
        AtomicInteger most = new AtomicInteger();
        AtomicInteger inside = new AtomicInteger();
        List<Future<Integer>> calls = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            calls.add(threads.submit(() -> bulkhead.call(() -> {
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                go.await();
                inside.decrementAndGet();
                return 1;
            })));
        }
        await(() -> bulkhead.underWay() == 2 && bulkhead.waiting() == 3);
        assertThatThrownBy(() -> bulkhead.call(() -> 1))
                .isInstanceOf(CallRefusedException.class)
                .hasMessage("bulkhead 'db' is full: 2 of 2 calls are under way, 3 of 3 wait");
        go.countDown();
        for (Future<Integer> call : calls) {
            assertThat(call.get(10, TimeUnit.SECONDS)).isEqualTo(1);
        }
        assertThat(most).hasValue(2);
        assertThat(bulkhead.underWay()).isZero();
        assertThat(refused).hasValue(1);
    }

    @Test
    void whoHasWaitedTooLongIsRefused() throws Exception {
        Bulkhead bulkhead = new Bulkhead("db", 1, 1, Duration.ofMillis(20), listener);
        Future<Integer> first = threads.submit(() -> bulkhead.call(() -> {
            go.await();
            return 1;
        }));
        await(() -> bulkhead.underWay() == 1);
        assertThatThrownBy(() -> bulkhead.call(() -> 1)).isInstanceOf(CallRefusedException.class);
        go.countDown();
        assertThat(first.get(10, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(bulkhead.call(() -> 2)).isEqualTo(2);
    }

    @Test
    void aCallThatThrowsGivesItsPlaceBack() throws Exception {
        Bulkhead bulkhead = new Bulkhead("db", 1, 0, Duration.ZERO, listener);
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> bulkhead.call(() -> {
                        throw new IllegalStateException("away");
                    }))
                    .hasMessage("away");
        }
        assertThat(bulkhead.call(() -> 1)).isEqualTo(1);
    }

    @Test
    @SuppressWarnings("NullAway") // what a caller without checks may do
    void aStageIsUnderWayUntilItEnds() {
        Bulkhead bulkhead = new Bulkhead("db", 1, 5, LONG, listener);
        CompletableFuture<Integer> first = new CompletableFuture<>();
        bulkhead.callAsync(() -> first);
        assertThat(bulkhead.callAsync(CompletableFuture::new).toCompletableFuture())
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withCauseInstanceOf(CallRefusedException.class);
        first.completeExceptionally(new IllegalStateException("away"));
        assertThat(bulkhead.callAsync(() -> null).toCompletableFuture())
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withMessageContaining("call 'db' returned no stage");
        assertThat(bulkhead.callAsync(() -> CompletableFuture.completedFuture(1)))
                .isCompletedWithValue(1);
        assertThat(bulkhead.underWay()).isZero();
    }

    @Test
    void saysEverythingThatIsWrong() {
        assertThatThrownBy(() -> new Bulkhead(" ", 0, -1, Duration.ofSeconds(1), listener))
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems())
                                .containsExactly(
                                        "name was blank but it must say what is called",
                                        "callsMax was '0' but it must be 1 to 1000000",
                                        "waitingMax was '-1' but it must be 0 to 1000000",
                                        "waitMax was 'PT1S' but it must be zero where waitingMax is 0"));
        assertThatThrownBy(() -> new Bulkhead("db", 1, 1, Duration.ZERO, listener))
                .hasMessage("waitMax was 'PT0S' but it must be longer than nothing and at most PT8760H");
    }

    private static void await(BooleanSupplier holds) {
        CompletableFuture<Void> there = CompletableFuture.runAsync(() -> {
            while (!holds.getAsBoolean()) {
                Thread.onSpinWait();
            }
        });
        assertThat(there).succeedsWithin(Duration.ofSeconds(10));
    }
}
