package io.tsdash.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.engines.RedisServer;
import io.tsdash.error.ConfigurationException;
import io.tsdash.error.InvalidInputException;
import io.tsdash.resilience.RateDecision;
import io.tsdash.resilience.RateLimit;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class RedisRateLimiterTest {
    private static final List<RateLimit> SECOND_AND_MINUTE =
            List.of(new RateLimit(10, Duration.ofSeconds(1), 20), RateLimit.perMinute(100));
    private static final long START_MICROS = 1_800_000_000_000_000L;

    @TempDir
    private static Path folder;

    private static RedisServer server;
    private static RedisConnection connection;
    private static RedisConnection other;

    @BeforeAll
    static void start() {
        server = RedisServer.start(folder.resolve("plain"));
        connection = open();
        other = open();
    }

    @AfterAll
    static void stop() {
        connection.close();
        other.close();
        server.close();
    }

    @Test
    void takesFromAllBucketsOrFromNoneAndSaysHowItStands() {
        RedisRateLimiter limiter =
                RedisRateLimiter.on(connection, "both:", SECOND_AND_MINUTE).build();
        RateDecision first = limiter.tryAcquire("ann", 15);
        assertThat(first.allowed()).isTrue();
        assertThat(first.limit()).isEqualTo(20);
        assertThat(first.remaining()).isEqualTo(5);
        assertThat(first.waitNanos()).isZero();
        assertThat(Duration.ofNanos(first.resetNanos())).isBetween(Duration.ofMillis(1_400), Duration.ofMillis(1_500));
        RateDecision second = limiter.tryAcquire("ann", 15);
        assertThat(second.allowed()).isFalse();
        assertThat(Duration.ofNanos(second.waitNanos())).isBetween(Duration.ofMillis(1), Duration.ofSeconds(1));
        assertThat(limiter.tryAcquire("bob", 20).allowed()).isTrue();
        assertThat(limiter.tryAcquire("bob", 21).waitNanos()).isEqualTo(Long.MAX_VALUE);
        assertThat(server.command("PTTL", "both:ann")).doesNotStartWith(":-");
    }

    @Test
    void loadsItsScriptAgainWhenTheServerHasForgottenIt() {
        RedisRateLimiter limiter = RedisRateLimiter.on(connection, "script:", List.of(RateLimit.perSecond(5)))
                .build();
        limiter.tryAcquire("k", 1);
        server.command("SCRIPT", "FLUSH");
        assertThat(limiter.tryAcquire("k", 1).allowed()).isTrue();
    }

    /** The script and its twin in Java give the same answers, so that what holds for one holds for the other. */
    @Test
    void theScriptAndItsTwinAgree() throws Exception {
        RedisRateLimiter limiter =
                RedisRateLimiter.on(connection, "twin:", SECOND_AND_MINUTE).build();
        limiter.load();
        ScriptTwin twin = new ScriptTwin(SECOND_AND_MINUTE);
        Random random = new Random(7);
        long now = START_MICROS;
        List<Future<List<Object>>> answers = new ArrayList<>();
        List<RateDecision> expected = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            now += random.nextInt(10) == 0 ? -random.nextInt(100_000) : random.nextInt(150_000);
            String key = "k" + random.nextInt(3);
            int permits = 1 + random.nextInt(25);
            answers.add(limiter.ask(key, permits, Long.toString(now)));
            expected.add(twin.tryAcquire(key, permits, now));
        }
        for (int i = 0; i < answers.size(); i++) {
            assertThat(limiter.decision(answers.get(i).get()))
                    .as("answer %s", i)
                    .isEqualTo(expected.get(i));
        }
    }

    /** A minute of 1,000 users who all want one and a half times their limit of 100 a second, by two nodes, on the real server. */
    @Test
    void twoNodesTogetherLetPassNoMoreThanTheBound() throws Exception {
        List<RateLimit> limit = List.of(RateLimit.perSecond(100));
        RedisRateLimiter one = RedisRateLimiter.on(connection, "shared:", limit).build();
        RedisRateLimiter two = RedisRateLimiter.on(other, "shared:", limit).build();
        one.load();
        int users = 1_000;
        int permits = 75;
        long[] passed = new long[users];
        for (int second = 0; second < 60; second++) {
            long now = START_MICROS + second * 1_000_000L;
            List<Future<List<Object>>> answers = new ArrayList<>(users * 2);
            for (int user = 0; user < users; user++) {
                answers.add(one.ask("u" + user, permits, Long.toString(now)));
                answers.add(two.ask("u" + user, permits, Long.toString(now + 400_000)));
            }
            for (int i = 0; i < answers.size(); i++) {
                if (one.decision(answers.get(i).get()).allowed()) {
                    passed[i / 2] += permits;
                }
            }
            // What the bucket held at first, and what has come since.
            long bound = 100 + 100L * second + 40;
            for (long each : passed) {
                assertThat(each).isLessThanOrEqualTo(bound);
            }
        }
        // One of 75 each second: what comes while the bucket is full is lost. The twin shows that whole limits pass.
        assertThat(passed).containsOnly(4_500L);
    }

    /** A minute of the same by the twin, each permit alone, at moments that are no multiples of anything. */
    @Test
    void noWindowLetsPassMoreThanTheBound() {
        ScriptTwin buckets = new ScriptTwin(List.of(RateLimit.perSecond(100)));
        Random random = new Random(11);
        for (int user = 0; user < 1_000; user++) {
            long now = START_MICROS;
            long passed = 0;
            while (now < START_MICROS + 60_000_000) {
                if (buckets.tryAcquire("u" + user, 1, now).allowed()) {
                    passed++;
                }
                assertThat(passed * 1_000_000).isLessThanOrEqualTo(100_000_000 + 100 * (now - START_MICROS));
                now += random.nextInt(12_000);
            }
            assertThat(passed).isGreaterThan(6_000);
        }
    }

    @Test
    void doesWhatWasChosenWhileTheServerRefusesTheScript() {
        List<String> told = new CopyOnWriteArrayList<>();
        RedisRateLimiter limiter = RedisRateLimiter.on(connection, "refused:", List.of(RateLimit.perSecond(5)))
                .whenAway(LimiterAway.REFUSE)
                .listener(new RedisRateLimiterListener() {
                    @Override
                    public void onAway(LimiterAway choice, RuntimeException cause) {
                        told.add("away " + cause.getMessage());
                    }

                    @Override
                    public void onBack() {
                        told.add("back");
                    }
                })
                .build();
        assertThat(limiter.tryAcquire("k", 1).allowed()).isTrue();
        server.command("ACL", "SETUSER", "default", "-evalsha");
        try {
            assertThat(limiter.tryAcquire("k", 1).allowed()).isFalse();
            assertThat(told).hasSize(1).allMatch(each -> each.contains("NOPERM"));
        } finally {
            server.command("ACL", "SETUSER", "default", "+evalsha");
        }
        Eventually.holds(() -> limiter.tryAcquire("k", 1).allowed());
        assertThat(told).hasSize(2).last().isEqualTo("back");
    }

    @Test
    void doesWhatWasChosenWhileTheServerIsAway() {
        List<String> told = new ArrayList<>();
        RedisRateLimiterListener listener = new RedisRateLimiterListener() {
            @Override
            public void onAway(LimiterAway choice, RuntimeException cause) {
                told.add("away " + choice);
            }

            @Override
            public void onBack() {
                told.add("back");
            }
        };
        List<RateLimit> limits = List.of(new RateLimit(10, Duration.ofHours(1), 10));
        try (RedisServer mortal = RedisServer.start(folder.resolve("mortal"));
                RedisConnection lost = RedisConnection.open(
                        RedisOptions.at(mortal.address())
                                .timeout(Duration.ofMillis(100))
                                .build(),
                        RedisListener.NONE)) {
            RedisRateLimiter share = RedisRateLimiter.on(lost, "l:", limits)
                    .localShareOf(2)
                    .listener(listener)
                    .build();
            RedisRateLimiter open = RedisRateLimiter.on(lost, "o:", limits)
                    .whenAway(LimiterAway.ALLOW)
                    .build();
            RedisRateLimiter closed = RedisRateLimiter.on(lost, "c:", limits)
                    .whenAway(LimiterAway.REFUSE)
                    .build();
            assertThat(passed(share)).isEqualTo(10);
            mortal.kill();
            assertThat(passed(share)).isEqualTo(5);
            assertThat(passed(open)).isEqualTo(50);
            assertThat(passed(closed)).isZero();
            assertThat(closed.tryAcquire("k", 1).waitNanos()).isEqualTo(100_000_000);
            mortal.restart();
            Eventually.holds(() -> {
                share.tryAcquire("other", 1);
                return told.contains("back");
            });
            assertThat(told).containsExactly("away LOCAL_SHARE", "back");
        }
    }

    @Test
    void refusesWrongSettingsKeysAndPermits() {
        assertThatThrownBy(() -> RedisRateLimiter.on(connection, "", List.of())
                        .localShareOf(0)
                        .build())
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems())
                                .hasSize(3)
                                .contains("nodes was '0' but it must be from 1 to 1000"));
        assertThatThrownBy(() -> RedisRateLimiter.on(
                                connection, "p:", List.of(new RateLimit(1, Duration.ofNanos(5), 2_000_000_000L)))
                        .build())
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems()).hasSize(2));
        RedisRateLimiter limiter = RedisRateLimiter.on(connection, "p:", List.of(RateLimit.perSecond(5)))
                .build();
        assertThatThrownBy(() -> limiter.tryAcquire("a\nb", 1)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> limiter.tryAcquire("k", 0)).isInstanceOf(IllegalArgumentException.class);
    }

    private static int passed(RedisRateLimiter limiter) {
        int passed = 0;
        for (int i = 0; i < 50; i++) {
            passed += limiter.tryAcquire("k", 1).allowed() ? 1 : 0;
        }
        return passed;
    }

    private static RedisConnection open() {
        return RedisConnection.open(
                RedisOptions.at(server.address())
                        .timeout(Duration.ofSeconds(20))
                        .build(),
                RedisListener.NONE);
    }
}
