package io.tsdash.testkit.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.ConfigurationException;
import io.tsdash.resilience.RateDecision;
import io.tsdash.resilience.RateLimit;
import io.tsdash.resilience.TokenBucket;
import io.tsdash.testkit.ManualTimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
    private static final Duration LONG = Duration.ofHours(1);

    private final ManualTimeSource time = new ManualTimeSource(0);

    @Test
    void givesTheBurstAtOnceAndThenOneEachTimeItsShareOfThePeriodHasPassed() {
        TokenBucket bucket = TokenBucket.of(RateLimit.perSecond(100).withBurst(3), time);
        assertThat(List.of(bucket.tryAcquire(), bucket.tryAcquire(), bucket.tryAcquire()))
                .containsOnly(true);
        assertThat(bucket.tryAcquire(1)).isEqualTo(10_000_000);
        time.advance(Duration.ofNanos(9_999_999));
        assertThat(bucket.tryAcquire()).isFalse();
        time.advance(Duration.ofNanos(1));
        assertThat(bucket.tryAcquire()).isTrue();
        time.advance(LONG);
        assertThat(bucket.tryAcquire(3)).isZero();
        assertThat(bucket.tryAcquire()).as("a pause saves up the burst only").isFalse();
    }

    @Test
    void saysHowItStands() {
        TokenBucket bucket = TokenBucket.of(RateLimit.perSecond(10), time);
        assertThat(bucket.decide(4)).isEqualTo(new RateDecision(true, 10, 6, 0, 400_000_000));
        assertThat(bucket.decide(7)).isEqualTo(new RateDecision(false, 10, 6, 100_000_000, 400_000_000));
        assertThat(bucket.decide(11)).isEqualTo(new RateDecision(false, 10, 6, Long.MAX_VALUE, 400_000_000));
        time.advance(Duration.ofMillis(399));
        assertThat(bucket.remaining()).isEqualTo(9);
        assertThat(bucket.isFull()).isFalse();
        time.advance(Duration.ofMillis(1));
        assertThat(bucket.isFull()).isTrue();
    }

    @Test
    void beginsAsEmptyAsAsked() {
        TokenBucket bucket = TokenBucket.startingWith(1, RateLimit.perSecond(10), time);
        assertThat(bucket.tryAcquire()).isTrue();
        assertThat(bucket.tryAcquire(2)).isEqualTo(200_000_000);
    }

    @Test
    void waitersAreServedInOrderAndNobodyPassesThem() throws Exception {
        TokenBucket bucket = TokenBucket.startingWith(0, RateLimit.perSecond(10), time);
        List<String> served = new ArrayList<>();
        CompletableFuture<Boolean> first = acquire(bucket, 2, LONG);
        awaitAsleep(1);
        CompletableFuture<Boolean> second = acquire(bucket, 1, LONG);
        awaitAsleep(2);
        CompletableFuture<?> all = CompletableFuture.allOf(
                first.thenAccept(done -> add(served, "first")), second.thenAccept(done -> add(served, "second")));
        time.advance(Duration.ofMillis(199));
        assertThat(bucket.tryAcquire(1))
                .as("one is there, but it is the first's")
                .isEqualTo(201_000_000);
        time.advance(Duration.ofMillis(1));
        first.get(10, TimeUnit.SECONDS);
        assertThat(second).isNotDone();
        time.advance(Duration.ofMillis(100));
        all.get(10, TimeUnit.SECONDS);
        assertThat(served).containsExactly("first", "second");
    }

    @Test
    void whoseTurnComesTooLateIsToldAtOnceAndTakesNothing() throws InterruptedException {
        TokenBucket bucket = TokenBucket.startingWith(0, RateLimit.perSecond(10), time);
        assertThat(bucket.acquire(1, Duration.ofNanos(99_999_999))).isFalse();
        assertThat(bucket.acquire(1, Duration.ofSeconds(-1))).isFalse();
        assertThat(bucket.acquire(11, Duration.ofSeconds(Long.MAX_VALUE))).isFalse();
        time.advance(Duration.ofMillis(100));
        assertThat(bucket.acquire(1, Duration.ZERO)).isTrue();
    }

    @Test
    void theLastWaiterGivesBackWhatItWasToGetWhenItIsInterrupted() throws Exception {
        TokenBucket bucket = TokenBucket.startingWith(0, RateLimit.perSecond(10), time);
        AtomicLong interrupted = new AtomicLong();
        Thread waiter = new Thread(() -> {
            try {
                bucket.acquire(5, LONG);
            } catch (InterruptedException e) {
                interrupted.incrementAndGet();
            }
        });
        waiter.start();
        awaitAsleep(1);
        waiter.interrupt();
        waiter.join(10_000);
        assertThat(interrupted).hasValue(1);
        assertThat(bucket.tryAcquire(1)).isEqualTo(100_000_000);
    }

    @Test
    void holdsTheLargestAndSmallestLimitsWithoutOverflow() {
        Duration ages = Duration.ofDays(365_000);
        assertThat(TokenBucket.of(new RateLimit(1_000_000, ages, 1), time).tryAcquire())
                .isTrue();
        assertThatThrownBy(() -> TokenBucket.of(new RateLimit(1, ages, 1), time))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("limit.burst was '1' at 1 in PT8760000H but the bucket must fill within PT8760H");
        assertThatThrownBy(() -> TokenBucket.of(RateLimit.perSecond(Long.MAX_VALUE), time))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("limit.permits was '9223372036854775807' in PT1S");
        TokenBucket fastest =
                TokenBucket.of(RateLimit.perSecond(1_000_000_000).withBurst(31_536_000_000_000_000L), time);
        assertThat(fastest.tryAcquire(31_536_000_000_000_000L)).isZero();
        assertThat(fastest.tryAcquire(31_536_000_000_000_000L)).isEqualTo(31_536_000_000_000_000L);
        assertThat(fastest.tryAcquire(Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void theClockMayBeginAnywhereAndPassTheEndOfItsRange() {
        ManualTimeSource late = new ManualTimeSource(0);
        late.advance(Duration.ofNanos(Long.MAX_VALUE));
        TokenBucket bucket = TokenBucket.of(RateLimit.perSecond(7), late);
        for (int second = 0; second < 5; second++) {
            assertThat(bucket.tryAcquire(7)).isZero();
            assertThat(bucket.tryAcquire(7)).isEqualTo(1_000_000_000);
            late.advance(Duration.ofSeconds(1));
        }
    }

    @Test
    void saysWhatIsWrong() {
        TokenBucket bucket = TokenBucket.of(RateLimit.perSecond(10), time);
        assertThatThrownBy(() -> bucket.tryAcquire(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("permits was '0' but it must be at least 1");
        assertThatThrownBy(() -> bucket.acquire(-1, LONG)).hasMessageContaining("permits was '-1'");
        assertThatThrownBy(() -> bucket.decide(Long.MIN_VALUE))
                .hasMessageContaining("permits was '-9223372036854775808'");
        assertThatThrownBy(() -> TokenBucket.startingWith(11, RateLimit.perSecond(10), time))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("initial was '11' but it must be 0 to limit.burst, 10");
    }

    private static void add(List<String> served, String name) {
        synchronized (served) {
            served.add(name);
        }
    }

    private static CompletableFuture<Boolean> acquire(TokenBucket bucket, long permits, Duration timeout) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                answer.complete(bucket.acquire(permits, timeout));
            } catch (InterruptedException e) {
                answer.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return answer;
    }

    private void awaitAsleep(int threads) throws ExecutionException, InterruptedException, TimeoutException {
        CompletableFuture.runAsync(() -> {
                    while (time.asleep() < threads) {
                        Thread.onSpinWait();
                    }
                })
                .get(10, TimeUnit.SECONDS);
    }
}
