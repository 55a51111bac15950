package io.tsdash.testkit.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.ConfigurationException;
import io.tsdash.resilience.CallRefusedException;
import io.tsdash.resilience.CallTimeoutException;
import io.tsdash.resilience.GuardListener;
import io.tsdash.resilience.TimeLimiter;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TimeLimiterTest {
    private static final Duration SHORT = Duration.ofMillis(30);
    private static final Duration LONG = Duration.ofSeconds(30);

    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final CountDownLatch end = new CountDownLatch(1);
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final GuardListener listener = new GuardListener() {
        @Override
        public void refused(String guard, String why) {
            told.add(guard + " refused");
        }

        @Override
        public void timedOut(String guard) {
            told.add(guard + " timed out");
        }
    };

    @AfterEach
    void endAll() {
        end.countDown();
        executor.shutdownNow();
    }

    @Test
    void passesOnWhatTheCallGivesOrThrows() throws Exception {
        TimeLimiter limiter = limiter(LONG, 1);
        assertThat(limiter.call(() -> "price")).isEqualTo("price");
        IOException cause = new IOException("reset");
        assertThatThrownBy(() -> limiter.call(() -> {
                    throw cause;
                }))
                .isSameAs(cause);
        assertThatThrownBy(() -> limiter.call(() -> {
                    throw new StackOverflowError();
                }))
                .isInstanceOf(StackOverflowError.class);
        assertThat(told).isEmpty();
    }

    @Test
    void interruptsACallThatTakesTooLong() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        assertThatThrownBy(() -> limiter(SHORT, 1).call(() -> {
                    try {
                        end.await();
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                    }
                    return 1;
                }))
                .isInstanceOf(CallTimeoutException.class)
                .hasMessage("call 'db' took longer than PT0.03S");
        assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(told).containsExactly("db timed out");
    }

    @Test
    void aCallThatNeverEndsKeepsItsPlaceAndOthersAreRefusedRatherThanPiledUp() {
        TimeLimiter limiter = limiter(SHORT, 2);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> limiter.call(this::untilTheEnd)).isInstanceOf(CallTimeoutException.class);
        }
        assertThat(limiter.underWay()).isEqualTo(2);
        assertThatThrownBy(() -> limiter.call(() -> 1))
                .isInstanceOf(CallRefusedException.class)
                .hasMessageContaining("2 of 2 are under way");
        end.countDown();
        awaitNone(limiter);
        assertThat(told).containsExactly("db timed out", "db timed out", "db refused");
    }

    @Test
    void aFullExecutorIsARefusalAndCostsNoPlace() throws Exception {
        ThreadPoolExecutor full = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new ArrayBlockingQueue<>(1));
        try {
            TimeLimiter limiter = new TimeLimiter("db", SHORT, 10, full, listener);
            assertThatThrownBy(() -> limiter.call(this::untilTheEnd)).isInstanceOf(CallTimeoutException.class);
            assertThatThrownBy(() -> limiter.call(() -> 1))
                    .as("waits for the only thread")
                    .isInstanceOf(CallTimeoutException.class);
            assertThatThrownBy(() -> limiter.call(() -> 1)).isInstanceOf(CallRefusedException.class);
            assertThat(limiter.underWay()).isEqualTo(2);
            end.countDown();
            awaitNone(limiter);
            assertThat(new TimeLimiter("db", LONG, 10, full, listener).call(() -> 1))
                    .isEqualTo(1);
        } finally {
            full.shutdownNow();
        }
    }

    @Test
    void anInterruptedCallerInterruptsTheCall() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        TimeLimiter limiter = limiter(LONG, 1);
        Thread caller = new Thread(() -> {
            try {
                limiter.call(() -> {
                    inside.countDown();
                    end.await();
                    return 1;
                });
            } catch (InterruptedException e) {
                interrupted.countDown();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        caller.start();
        inside.await();
        caller.interrupt();
        assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
        awaitNone(limiter);
    }

    @Test
    void endsAStageThatTakesTooLong() {
        TimeLimiter limiter = limiter(SHORT, 1);
        CompletableFuture<String> never = new CompletableFuture<>();
        assertThat(limiter.callAsync(() -> never).toCompletableFuture())
                .failsWithin(LONG)
                .withThrowableThat()
                .withCauseInstanceOf(CallTimeoutException.class);
        assertThat(never).isCancelled();
        assertThat(limiter.underWay()).isZero();
        assertThat(limiter.callAsync(() -> CompletableFuture.completedFuture("price")))
                .isCompletedWithValue("price");
    }

    @Test
    @SuppressWarnings("NullAway") // what a caller without checks may do
    void passesOnWhatAStageFailsWith() {
        TimeLimiter limiter = limiter(LONG, 1);
        assertThat(limiter.callAsync(() -> CompletableFuture.failedFuture(new TimeoutException("its own")))
                        .toCompletableFuture())
                .failsWithin(LONG)
                .withThrowableThat()
                .withCauseInstanceOf(TimeoutException.class)
                .withMessageContaining("its own");
        assertThat(limiter.callAsync(() -> null).toCompletableFuture())
                .failsWithin(LONG)
                .withThrowableThat()
                .withMessageContaining("call 'db' returned no stage");
        limiter.callAsync(CompletableFuture::new);
        assertThat(limiter.callAsync(CompletableFuture::new).toCompletableFuture())
                .failsWithin(LONG)
                .withThrowableThat()
                .withCauseInstanceOf(CallRefusedException.class);
        assertThat(told).containsExactly("db refused");
    }

    @Test
    void saysEverythingThatIsWrong() {
        assertThatThrownBy(() -> new TimeLimiter("", Duration.ZERO, 0, executor, listener))
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems())
                                .containsExactly(
                                        "name was blank but it must say what is called",
                                        "timeout was 'PT0S' but it must be longer than nothing and at most PT8760H",
                                        "callsMax was '0' but it must be 1 to 100000"));
    }

    private TimeLimiter limiter(Duration timeout, int callsMax) {
        return new TimeLimiter("db", timeout, callsMax, executor, listener);
    }

    private int untilTheEnd() {
        while (true) {
            try {
                end.await();
                return 1;
            } catch (InterruptedException e) {
                // It does not listen.
            }
        }
    }

    private static void awaitNone(TimeLimiter limiter) {
        CompletableFuture<Void> none = CompletableFuture.runAsync(() -> {
            while (limiter.underWay() > 0) {
                Thread.onSpinWait();
            }
        });
        assertThat(none).succeedsWithin(Duration.ofSeconds(10));
    }
}
