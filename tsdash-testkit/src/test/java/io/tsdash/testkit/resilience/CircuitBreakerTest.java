package io.tsdash.testkit.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.ConfigurationException;
import io.tsdash.resilience.BreakerCounts;
import io.tsdash.resilience.CallPermit;
import io.tsdash.resilience.CallRefusedException;
import io.tsdash.resilience.CircuitBreaker;
import io.tsdash.resilience.CircuitBreaker.State;
import io.tsdash.resilience.CircuitBreakerBuilder;
import io.tsdash.resilience.CircuitBreakerListener;
import io.tsdash.testkit.ManualTimeSource;
import io.tsdash.time.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {
    private final RuntimeException away = new IllegalStateException("away");
    private final ManualTimeSource time = new ManualTimeSource(0);
    private final List<String> told = new ArrayList<>();
    private final CircuitBreakerListener listener = new CircuitBreakerListener() {
        @Override
        public void changed(String breaker, State from, State to) {
            told.add(breaker + " " + from + " " + to);
        }

        @Override
        public void refused(String breaker) {
            told.add(breaker + " refused");
        }
    };

    @Test
    void asItIsItOpensAfterFiveFailuresInARowForThirtySeconds() {
        CircuitBreaker breaker = builder().build();
        for (int i = 0; i < 10; i++) {
            fail(breaker, 4);
            assertThat(breaker.get(() -> "price")).isEqualTo("price");
        }
        assertThat(told).isEmpty();
        fail(breaker, 5);
        assertThatThrownBy(() -> breaker.get(() -> "price"))
                .isInstanceOf(CallRefusedException.class)
                .hasMessage("breaker 'db' is OPEN for another PT30S")
                .hasNoCause()
                .satisfies(e -> assertThat(e.getStackTrace()).isEmpty());
        time.advance(Duration.ofNanos(29_999_999_999L));
        assertThat(breaker.tryAcquire()).isNull();
        time.advance(Duration.ofNanos(1));
        assertThat(breaker.get(() -> "price")).isEqualTo("price");
        assertThat(told)
                .containsExactly(
                        "db CLOSED OPEN", "db refused", "db refused", "db OPEN HALF_OPEN", "db HALF_OPEN CLOSED");
        assertThat(breaker.counts()).isEqualTo(new BreakerCounts(0, 0, 0, 2));
        fail(breaker, 4);
        assertThat(breaker.state()).as("failures before it opened do not count").isEqualTo(State.CLOSED);
    }

    @Test
    void onlyWhatIsTimedFinelyReadsTheExactClockForEachCall() {
        Duration second = Duration.ofSeconds(1);
        Duration less = second.minusNanos(1);
        assertThat(exactReadings(builder().slowCalls(second, 1))).isZero();
        assertThat(exactReadings(builder().slowCalls(less, 1))).isEqualTo(2);
        assertThat(exactReadings(builder().timeWindow(second.multipliedBy(10), 1, 1)))
                .isZero();
        assertThat(exactReadings(builder().timeWindow(less.multipliedBy(10), 1, 1)))
                .isEqualTo(1);
        assertThat(exactReadings(builder().timeWindow(less, 1, 1).slowCalls(second, 1)))
                .as("one clock for both")
                .isEqualTo(2);
    }

    /** Returns how often a call reads it. */
    private static long exactReadings(CircuitBreakerBuilder settings) {
        AtomicLong readings = new AtomicLong();
        CircuitBreaker breaker = settings.time(new TimeSource() {
                    @Override
                    public long epochNanos() {
                        throw new AssertionError("the time of day says nothing about durations");
                    }

                    @Override
                    public long monotonicNanos() {
                        return readings.incrementAndGet();
                    }

                    @Override
                    public long coarseNanos() {
                        return 0;
                    }
                })
                .build();
        long before = readings.get();
        breaker.get(() -> "price");
        return readings.get() - before;
    }

    @Test
    void opensByTheShareOfFailuresAmongTheLastCalls() {
        CircuitBreaker breaker = builder().countWindow(10, 4, 0.5).build();
        fail(breaker, 3);
        assertThat(breaker.state()).as("too few calls to judge").isEqualTo(State.CLOSED);
        succeed(breaker, 7);
        assertThat(breaker.counts()).isEqualTo(new BreakerCounts(10, 3, 0, 0));
        succeed(breaker, 3);
        assertThat(breaker.counts()).as("the three failures left the window").isEqualTo(new BreakerCounts(10, 0, 0, 0));
        fail(breaker, 4);
        assertThat(breaker.state()).isEqualTo(State.CLOSED);
        fail(breaker, 1);
        assertThat(breaker.state()).isEqualTo(State.OPEN);
    }

    @Test
    void opensByTheShareOfFailuresOfTheLastTime() {
        CircuitBreaker breaker =
                builder().timeWindow(Duration.ofSeconds(10), 4, 0.5).build();
        fail(breaker, 3);
        time.advance(Duration.ofSeconds(10));
        fail(breaker, 1);
        assertThat(breaker.counts()).isEqualTo(new BreakerCounts(1, 1, 0, 0));
        time.advance(Duration.ofMillis(9_999));
        fail(breaker, 2);
        assertThat(breaker.state()).isEqualTo(State.CLOSED);
        fail(breaker, 1);
        assertThat(breaker.state()).isEqualTo(State.OPEN);
    }

    @Test
    void opensByTheShareOfSlowCallsToo() throws Exception {
        CircuitBreaker breaker = builder()
                .countWindow(4, 4, 1)
                .slowCalls(Duration.ofMillis(100), 0.5)
                .build();
        succeed(breaker, 3);
        call(breaker, Duration.ofMillis(100));
        call(breaker, Duration.ofMillis(99));
        assertThat(breaker.counts()).isEqualTo(new BreakerCounts(4, 0, 1, 0));
        call(breaker, Duration.ofMillis(100));
        assertThat(breaker.state()).isEqualTo(State.OPEN);
        time.advance(Duration.ofSeconds(30));
        call(breaker, Duration.ofMillis(100));
        assertThat(breaker.state()).as("the one that went to see was slow").isEqualTo(State.OPEN);
    }

    @Test
    void closesWhenAllThatWentToSeeSucceeded() {
        CircuitBreaker breaker = builder().consecutiveFailures(1).probes(3).build();
        fail(breaker, 1);
        time.advance(Duration.ofSeconds(30));
        List<CallPermit> permits = permits(breaker, 4);
        assertThat(permits).as("no more than allowed").hasSize(3);
        permits.get(0).succeeded(0);
        assertThat(permits(breaker, 1)).as("those that succeeded count").isEmpty();
        permits.get(1).abandoned();
        CallPermit again = permits(breaker, 2).get(0);
        permits.get(2).succeeded(0);
        assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);
        again.succeeded(0);
        assertThat(breaker.state()).isEqualTo(State.CLOSED);
    }

    @Test
    void pausesTwiceAsLongEachTimeUpToTheLongestAndBeginsAnewOnceClosed() {
        CircuitBreaker breaker = builder()
                .consecutiveFailures(1)
                .pause(Duration.ofSeconds(1), Duration.ofSeconds(3))
                .build();
        for (int round = 0; round < 2; round++) {
            fail(breaker, 1);
            for (long pauseMillis : new long[] {1_000, 2_000, 3_000, 3_000}) {
                time.advance(Duration.ofMillis(pauseMillis - 1));
                assertThat(breaker.tryAcquire()).isNull();
                time.advance(Duration.ofMillis(1));
                fail(breaker, 1);
            }
            time.advance(Duration.ofSeconds(3));
            succeed(breaker, 1);
        }
    }

    @Test
    void spreadsPausesSoThatBreakersDoNotComeBackTogether() {
        int early = 0;
        for (int i = 0; i < 200; i++) {
            CircuitBreaker breaker =
                    builder().consecutiveFailures(1).spread(0.2).build();
            fail(breaker, 1);
            time.advance(Duration.ofMillis(23_999));
            assertThat(breaker.tryAcquire()).isNull();
            time.advance(Duration.ofMillis(6_001));
            early += breaker.tryAcquire() == null ? 0 : 1;
            time.advance(Duration.ofMillis(6_001));
            assertThat(breaker.state() == State.HALF_OPEN || breaker.tryAcquire() != null)
                    .isTrue();
        }
        assertThat(early).isBetween(50, 150);
    }

    @Test
    void sendsOthersWhenThoseThatWentToSeeNeverTold() {
        CircuitBreaker breaker = builder()
                .consecutiveFailures(1)
                .probeTimeout(Duration.ofSeconds(5))
                .build();
        fail(breaker, 1);
        time.advance(Duration.ofSeconds(30));
        CallPermit lost = permits(breaker, 1).get(0);
        time.advance(Duration.ofMillis(4_999));
        assertThat(breaker.tryAcquire()).isNull();
        time.advance(Duration.ofMillis(1));
        CallPermit second = permits(breaker, 2).get(0);
        lost.failed(0, away);
        assertThat(breaker.state()).as("whoever counts as gone has no say").isEqualTo(State.HALF_OPEN);
        second.succeeded(0);
        assertThat(breaker.state()).isEqualTo(State.CLOSED);
    }

    @Test
    void whatBeganBeforeItOpenedHasNoSayInWhetherItCloses() {
        CircuitBreaker breaker = builder().consecutiveFailures(1).build();
        CallPermit before = permits(breaker, 1).get(0);
        fail(breaker, 1);
        time.advance(Duration.ofSeconds(30));
        CallPermit probe = permits(breaker, 1).get(0);
        before.succeeded(0);
        assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);
        before.failed(0, away);
        assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);
        probe.succeeded(0);
        assertThat(breaker.state()).isEqualTo(State.CLOSED);
    }

    @Test
    void countsOnlyWhatIsAFailureAndPassesAllExceptionsOn() {
        CircuitBreaker breaker = builder()
                .consecutiveFailures(2)
                .failsOn(e -> e instanceof IOException)
                .build();
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> breaker.call(() -> {
                        throw new IOException("reset");
                    }))
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> breaker.call(() -> {
                        throw new IllegalArgumentException("an answer, if not a kind one");
                    }))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(breaker.state()).isEqualTo(State.CLOSED);
        assertThatThrownBy(() -> breaker.call(() -> {
                    throw new IOException("reset");
                }))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> breaker.call(() -> {
                    throw new InterruptedException();
                }))
                .isInstanceOf(InterruptedException.class);
        assertThat(breaker.counts().calls())
                .as("who was interrupted says nothing")
                .isEqualTo(2);
    }

    @Test
    void aProbeThatWasInterruptedMakesRoomForAnother() {
        CircuitBreaker breaker = builder().consecutiveFailures(1).build();
        fail(breaker, 1);
        time.advance(Duration.ofSeconds(30));
        assertThatThrownBy(() -> breaker.call(() -> {
                    throw new InterruptedException();
                }))
                .isInstanceOf(InterruptedException.class);
        succeed(breaker, 1);
        assertThat(breaker.state()).isEqualTo(State.CLOSED);
    }

    @Test
    void countsCallsThatAreAnsweredLaterWhenTheyAreAnswered() {
        CircuitBreaker breaker = builder().consecutiveFailures(2).build();
        CompletableFuture<String> first = new CompletableFuture<>();
        CompletionStage<String> seen = breaker.callAsync(() -> first);
        first.complete("price");
        assertThat(seen).isCompletedWithValue("price");
        CompletableFuture<String> second = new CompletableFuture<>();
        breaker.callAsync(() -> second.thenApply(price -> price));
        second.completeExceptionally(away);
        assertThat(breaker.counts().failed()).isEqualTo(1);
        assertThat(breaker.callAsync(() -> {
                    throw away;
                }))
                .isCompletedExceptionally();
        assertThat(breaker.state()).isEqualTo(State.OPEN);
        assertThat(breaker.callAsync(() -> new CompletableFuture<>()).toCompletableFuture())
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withCauseInstanceOf(CallRefusedException.class);
    }

    @Test
    @SuppressWarnings("NullAway") // what a caller without checks may do
    void aCallThatReturnsNoStageIsAFailure() {
        CircuitBreaker breaker = builder().consecutiveFailures(1).build();
        assertThat(breaker.<String>callAsync(() -> null).toCompletableFuture())
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withMessageContaining("a call through breaker 'db' returned no stage");
        assertThat(breaker.state()).isEqualTo(State.OPEN);
    }

    @Test
    void doesAsItIsToldUntilItIsToldOtherwise() {
        CircuitBreaker breaker = builder().consecutiveFailures(1).build();
        breaker.forceOpen();
        time.advance(Duration.ofDays(1));
        assertThatThrownBy(() -> breaker.get(() -> 1)).hasMessage("breaker 'db' is FORCED_OPEN");
        breaker.disable();
        fail(breaker, 10);
        assertThat(breaker.state()).isEqualTo(State.DISABLED);
        breaker.forceClosed();
        assertThat(breaker.get(() -> 1)).isEqualTo(1);
        fail(breaker, 1);
        breaker.forceClosed();
        succeed(breaker, 1);
        assertThat(told)
                .containsExactly(
                        "db CLOSED FORCED_OPEN",
                        "db refused",
                        "db FORCED_OPEN DISABLED",
                        "db DISABLED CLOSED",
                        "db CLOSED OPEN",
                        "db OPEN CLOSED");
    }

    @Test
    void holdsNothingWhileACallIsMade() throws Exception {
        CircuitBreaker breaker = builder().probes(2).consecutiveFailures(1).build();
        fail(breaker, 1);
        time.advance(Duration.ofSeconds(30));
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<Integer> slow = CompletableFuture.supplyAsync(() -> breaker.get(() -> {
            inside.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return 1;
        }));
        inside.await();
        // Half open, where there is a lock: another call goes through, and another is refused.
        assertThat(breaker.get(() -> 2)).isEqualTo(2);
        assertThat(breaker.tryAcquire()).isNull();
        breaker.counts();
        go.countDown();
        assertThat(slow.get(10, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(breaker.state()).isEqualTo(State.CLOSED);
    }

    @Test
    void losesNoCallThatThreadsCountTogether() throws Exception {
        CircuitBreaker breaker = builder().countWindow(8, 8, 1).build();
        Runnable calls = () -> {
            for (int i = 0; i < 1_000_000; i++) {
                CallPermit permit = breaker.tryAcquire();
                if (permit != null && i % 4 == 0) {
                    permit.failed(0, away);
                } else if (permit != null) {
                    permit.succeeded(0);
                }
            }
        };
        CompletableFuture<Void> other = CompletableFuture.runAsync(calls);
        calls.run();
        other.get(60, TimeUnit.SECONDS);
        succeed(breaker, 8);
        assertThat(breaker.counts()).as("eight that succeeded are all").isEqualTo(new BreakerCounts(8, 0, 0, 0));
    }

    @Test
    void saysEverythingThatIsWrong() {
        assertThatThrownBy(() -> CircuitBreaker.builder(" ")
                        .countWindow(10, 11, 0)
                        .slowCalls(Duration.ZERO, 1.5)
                        .pause(Duration.ofSeconds(2), Duration.ofSeconds(1))
                        .spread(1)
                        .probes(0)
                        .probeTimeout(Duration.ofSeconds(-1))
                        .build())
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems())
                                .containsExactly(
                                        "name was blank but it must say what is guarded",
                                        "countWindow.callsMin was '11' but it must be 1 to countWindow.calls, 10",
                                        "countWindow.failureRate was '0.0' but it must be above 0 and at most 1",
                                        "slowCalls.atLeast was 'PT0S' but it must be longer than nothing and at most PT8760H",
                                        "slowCalls.rate was '1.5' but it must be above 0 and at most 1",
                                        "pause.longest was 'PT1S' but it must be at least pause.first, PT2S",
                                        "spread was '1.0' but it must be at least 0 and below 1",
                                        "probes was '0' but it must be 1 to 1000",
                                        "probeTimeout was 'PT-1S' but it must be longer than nothing and at most PT8760H"));
        assertThatThrownBy(() -> builder()
                        .countWindow(10, 5, 0.5)
                        .timeWindow(Duration.ofDays(400), 0, Double.NaN)
                        .build())
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems())
                                .containsExactly(
                                        "a breaker has one window but these were set: countWindow, timeWindow",
                                        "timeWindow.span was 'PT9600H' but it must be longer than nothing and at most PT8760H",
                                        "timeWindow.callsMin was '0' but it must be at least 1",
                                        "timeWindow.failureRate was 'NaN' but it must be above 0 and at most 1"));
        assertThatThrownBy(() -> builder().consecutiveFailures(-5).build())
                .hasMessage("consecutiveFailures was '-5' but it must be 1 to 1000000");
        assertThatThrownBy(() -> builder().pause(Duration.ZERO).build()).hasMessageContaining("pause.first was 'PT0S'");
        assertThatCode(() -> builder().consecutiveFailures(1_000_000).build()).doesNotThrowAnyException();
    }

    private CircuitBreakerBuilder builder() {
        return CircuitBreaker.builder("db").time(time).listener(listener);
    }

    private void call(CircuitBreaker breaker, Duration takes) throws Exception {
        breaker.call(() -> {
            time.advance(takes);
            return 1;
        });
    }

    private static void succeed(CircuitBreaker breaker, int times) {
        for (int i = 0; i < times; i++) {
            breaker.get(() -> 1);
        }
    }

    private void fail(CircuitBreaker breaker, int times) {
        for (int i = 0; i < times; i++) {
            assertThatThrownBy(() -> breaker.get(() -> {
                        throw away;
                    }))
                    .isSameAs(away);
        }
    }

    private static List<CallPermit> permits(CircuitBreaker breaker, int tries) {
        List<CallPermit> permits = new ArrayList<>();
        for (int i = 0; i < tries; i++) {
            CallPermit permit = breaker.tryAcquire();
            if (permit != null) {
                permits.add(permit);
            }
        }
        return permits;
    }
}
