package io.tsdash.testkit.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.ConfigurationException;
import io.tsdash.resilience.LocalRateLimiter;
import io.tsdash.resilience.RateDecision;
import io.tsdash.resilience.RateLimit;
import io.tsdash.resilience.TokenBuckets;
import io.tsdash.testkit.ManualTimeSource;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class LocalRateLimiterTest {
    private static final int USERS = 1_000;

    private final ManualTimeSource time = new ManualTimeSource(0);

    @Test
    void aThousandUsersGetTheirHundredASecondForAMinuteAndNoMore() {
        LocalRateLimiter limiter =
                LocalRateLimiter.of(RateLimit.perSecond(100)).time(time).build();
        int[] passed = new int[USERS];
        String[] names = new String[USERS];
        for (int user = 0; user < USERS; user++) {
            names[user] = "user" + user;
        }
        // Each asks every 7 ms, so 142 times a second.
        for (int millis = 0; millis <= 60_000; millis += 7) {
            for (int user = 0; user < USERS; user++) {
                passed[user] += limiter.tryAcquire(names[user], 1).allowed() ? 1 : 0;
            }
            time.advance(Duration.ofMillis(7));
        }
        // The last question is at 59,997 ms: 100 + 100 a second of it.
        assertThat(passed).containsOnly(6_099);
    }

    @Test
    void aNewKeyHasItsWholeBurstAlsoOnAClockThatGoesOn() {
        AtomicLong nanos = new AtomicLong();
        LocalRateLimiter limiter = LocalRateLimiter.of(RateLimit.perSecond(10), RateLimit.perMinute(100))
                .time(new TimeSource() {
                    @Override
                    public long epochNanos() {
                        return nanos.incrementAndGet();
                    }

                    @Override
                    public long monotonicNanos() {
                        return nanos.incrementAndGet();
                    }
                })
                .build();
        assertThat(limiter.tryAcquire("ann", 10).allowed()).isTrue();
    }

    @Test
    void keysDoNotTakeFromEachOther() {
        LocalRateLimiter limiter =
                LocalRateLimiter.of(RateLimit.perMinute(1)).time(time).build();
        assertThat(limiter.tryAcquire("ann", 1).allowed()).isTrue();
        assertThat(limiter.tryAcquire("bob", 1).allowed()).isTrue();
        assertThat(limiter.tryAcquire("ann", 1).waitNanos())
                .isEqualTo(Duration.ofMinutes(1).toNanos());
    }

    @Test
    void aKeyMayHaveLimitsOfItsOwn() {
        LocalRateLimiter limiter = LocalRateLimiter.of(RateLimit.perMinute(1))
                .limitsOf(key -> List.of(RateLimit.perMinute(key.equals("desk") ? 5 : 1)))
                .time(time)
                .build();
        assertThat(limiter.tryAcquire("desk", 5).allowed()).isTrue();
        assertThat(limiter.tryAcquire("ann", 5).waitNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void newKeysShareBucketsWhileThereIsNoRoomAndOthersGoOn() {
        List<String> shared = new ArrayList<>();
        LocalRateLimiter limiter = LocalRateLimiter.of(RateLimit.perSecond(2))
                .keysMax(3)
                .time(time)
                .listener(shared::add)
                .build();
        for (String key : List.of("a", "b", "c")) {
            assertThat(limiter.tryAcquire(key, 1).allowed()).isTrue();
        }
        assertThat(limiter.tryAcquire("d", 1).remaining()).isEqualTo(1);
        assertThat(limiter.tryAcquire("e", 1).remaining()).as("shared with d").isZero();
        assertThat(limiter.tryAcquire("f", 1).allowed()).isFalse();
        assertThat(limiter.tryAcquire("a", 1).allowed()).isTrue();
        assertThat(shared).containsExactly("d", "e", "f");
        assertThat(limiter.keys()).isEqualTo(3);
        time.advance(Duration.ofMillis(500));
        assertThat(limiter.tryAcquire("g", 2).allowed())
                .as("b and c are at rest and make room")
                .isTrue();
        assertThat(limiter.keys()).isEqualTo(2);
    }

    /** A limiter that forgets all the time, beside one that never does. */
    @Property(tries = 200)
    void forgettingChangesNoAnswer(@ForAll Random random) {
        ManualTimeSource clock = new ManualTimeSource(0);
        List<RateLimit> limits = List.of(RateLimit.perSecond(5), RateLimit.perMinute(20));
        LocalRateLimiter limiter = LocalRateLimiter.of(limits.toArray(RateLimit[]::new))
                .keysMax(8)
                .time(clock)
                .listener(key -> {
                    throw new AssertionError("there was no room for " + key);
                })
                .build();
        Map<String, TokenBuckets> naive = new HashMap<>();
        int most = 0;
        for (int i = 0; i < 200; i++) {
            // So seldom that few of the many keys are in use at a time.
            clock.advance(Duration.ofMillis(3_000 + random.nextInt(2_000)));
            String key = "key" + random.nextInt(40);
            int permits = 1 + random.nextInt(2);
            RateDecision expected = naive.computeIfAbsent(key, name -> new TokenBuckets(limits, clock))
                    .decide(permits);
            assertThat(limiter.tryAcquire(key, permits)).isEqualTo(expected);
            most = Math.max(most, limiter.keys());
        }
        assertThat(most).isLessThanOrEqualTo(8);
    }

    @Test
    void threadsTogetherGetNoMoreThanOneWould() throws Exception {
        LocalRateLimiter limiter = LocalRateLimiter.of(new RateLimit(1, Duration.ofHours(1), 500))
                .keysMax(4)
                .time(time)
                .build();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Integer>> passed = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                passed.add(threads.submit(() -> {
                    int mine = 0;
                    for (int i = 0; i < 2_000; i++) {
                        mine += limiter.tryAcquire("key" + i % 4, 1).allowed() ? 1 : 0;
                    }
                    return mine;
                }));
            }
            int all = 0;
            for (Future<Integer> each : passed) {
                all += each.get();
            }
            assertThat(all).isEqualTo(4 * 500);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void saysWhatIsWrong() {
        assertThatThrownBy(() -> LocalRateLimiter.of(
                                RateLimit.perSecond(Long.MAX_VALUE), new RateLimit(1, Duration.ofDays(2), 999))
                        .keysMax(0)
                        .build())
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems())
                                .hasSize(3)
                                .anyMatch(each -> each.startsWith("limit.permits was '9223372036854775807'"))
                                .anyMatch(each -> each.startsWith("limit.burst was '999' at 1 in PT48H"))
                                .anyMatch(each -> each.equals("keysMax was '0' but it must be 1 to 10000000")));
        assertThatThrownBy(() -> LocalRateLimiter.of().build()).hasMessageContaining("limits was empty");
        assertThatThrownBy(() -> new RateLimit(0, Duration.ZERO, -1))
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems()).hasSize(3));
        LocalRateLimiter limiter =
                LocalRateLimiter.of(RateLimit.perSecond(1)).time(time).build();
        assertThatThrownBy(() -> limiter.tryAcquire("ann", 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> limiter.tryAcquire("a".repeat(513), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("key had 513 characters but it must have at most 512");
    }
}
