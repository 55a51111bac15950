package io.tsdash.testkit.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.resilience.BackOff;
import io.tsdash.resilience.Retry;
import io.tsdash.resilience.RetryBudget;
import io.tsdash.resilience.RetryBuilder;
import io.tsdash.resilience.RetryListener;
import io.tsdash.time.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

class RetryTest {
    private final List<Long> pauses = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private final RetryListener listener = new RetryListener() {
        @Override
        public void retrying(String retry, int attempt, long pauseNanos, Exception cause) {
            told.add(retry + " failed " + attempt + ": " + cause.getMessage());
        }

        @Override
        public void gaveUp(String retry, int attempts, Exception cause) {
            told.add(retry + " gave up after " + attempts);
        }
    };

    /** Whoever waits is where it wants to be at once. */
    private final TimeSource time = new TimeSource() {
        private long now;

        @Override
        public long epochNanos() {
            return now;
        }

        @Override
        public long monotonicNanos() {
            return now;
        }

        @Override
        public void sleepUntil(long nanos) throws InterruptedException {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            pauses.add(nanos - now);
            now = nanos;
        }
    };

    private int calls;

    @Test
    void triesAgainWhatFailedInPassing() throws Exception {
        assertThat(retry().build().call(failing(2, new TransientException("away"))))
                .isEqualTo("price");
        assertThat(told).containsExactly("db failed 1: away", "db failed 2: away");
    }

    @Test
    void passesOnAtOnceWhatWouldFailAgain() {
        for (Exception cause : List.of(new PermanentException("no such table"), new IOException("reset"))) {
            calls = 0;
            assertThatThrownBy(() -> retry().build().call(failing(1, cause))).isSameAs(cause);
            assertThat(calls).isEqualTo(1);
        }
        assertThat(told).isEmpty();
    }

    @Test
    void triesAgainWhatItIsToldTo() throws Exception {
        Retry retry = retry().retriesOn(cause -> cause instanceof IOException).build();
        assertThat(retry.call(failing(1, new IOException("reset")))).isEqualTo("price");
    }

    @Test
    void givesUpAfterItsTries() {
        TransientException cause = new TransientException("away");
        assertThatThrownBy(() -> retry().attempts(4).build().call(failing(9, cause)))
                .isSameAs(cause);
        assertThat(calls).isEqualTo(4);
        assertThat(told).endsWith("db gave up after 4");
    }

    @Test
    void noTryBeginsAfterTheDeadline() {
        Retry retry = retry().attempts(1_000).deadline(Duration.ofSeconds(5)).build();
        assertThatThrownBy(() -> retry.call(failing(1_000, new TransientException("away"))))
                .hasMessage("away");
        assertThat(time.monotonicNanos()).isLessThan(Duration.ofSeconds(5).toNanos());
        assertThat(calls).isGreaterThan(4);
    }

    @Test
    void pausesAreSpreadOverAllOfABoundThatDoubles() {
        BackOff backOff = new BackOff(Duration.ofMillis(100), Duration.ofMillis(350));
        long[] bounds = {100, 200, 350, 350};
        for (int attempt = 1; attempt <= bounds.length; attempt++) {
            long bound = Duration.ofMillis(bounds[attempt - 1]).toNanos();
            int lower = 0;
            for (int i = 0; i < 1_000; i++) {
                long pause = backOff.pauseNanos(attempt);
                assertThat(pause).isBetween(0L, bound);
                lower += pause < bound / 2 ? 1 : 0;
            }
            assertThat(lower).isBetween(400, 600);
        }
        assertThat(backOff.pauseNanos(Integer.MAX_VALUE)).isLessThanOrEqualTo(350_000_000);
        assertThat(new BackOff(Duration.ofDays(364), Duration.ofDays(365)).pauseNanos(5))
                .isBetween(0L, Duration.ofDays(365).toNanos());
    }

    @Test
    void aSharedBudgetEndsRetriesWhenMostCallsFail() throws Exception {
        RetryBudget budget = new RetryBudget(10, 0.5);
        Retry retry = retry().attempts(3).budget(budget).build();
        int all = 0;
        for (int i = 0; i < 100; i++) {
            calls = 0;
            assertThatThrownBy(() -> retry.call(failing(9, new TransientException("away"))))
                    .hasMessage("away");
            all += calls;
        }
        assertThat(all).as("100 calls and no more than 4 retries").isBetween(101, 104);
        for (int i = 0; i < 20; i++) {
            retry.call(failing(0, new TransientException("away")));
        }
        calls = 0;
        assertThat(retry.call(failing(2, new TransientException("away"))))
                .as("successes brought it back")
                .isEqualTo("price");
    }

    @Test
    void whoIsInterruptedInAPauseStopsAndTellsWhy() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> retry().build().call(failing(1, new TransientException("away"))))
                .isInstanceOf(InterruptedException.class)
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
        assertThat(Thread.interrupted()).isFalse();
        assertThat(calls).isEqualTo(1);
    }

    @Test
    void saysEverythingThatIsWrong() {
        assertThatThrownBy(() ->
                        Retry.builder("").attempts(0).deadline(Duration.ZERO).build())
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems())
                                .containsExactly(
                                        "name was blank but it must say what is called",
                                        "attempts was '0' but it must be 1 to 1000",
                                        "deadline was 'PT0S' but it must be longer than nothing and at most PT8760H"));
        assertThatThrownBy(() -> new BackOff(Duration.ofSeconds(2), Duration.ofSeconds(-1)))
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems())
                                .containsExactly(
                                        "backOff.longest was 'PT-1S' but it must be longer than nothing and at most PT8760H",
                                        "backOff.longest was 'PT-1S' but it must be at least backOff.first, PT2S"));
        assertThatThrownBy(() -> new RetryBudget(1, Double.NaN))
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems())
                                .containsExactly(
                                        "budget.tokens was '1' but it must be 2 to 1000",
                                        "budget.perSuccess was 'NaN' but it must be 0.001 to 1"));
    }

    private RetryBuilder retry() {
        return Retry.builder("db").time(time).listener(listener);
    }

    private Callable<String> failing(int times, Exception cause) {
        return () -> {
            if (++calls <= times) {
                throw cause;
            }
            return "price";
        };
    }
}
