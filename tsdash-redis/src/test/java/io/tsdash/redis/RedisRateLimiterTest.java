package io.tsdash.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.engines.RedisServer;
import io.tsdash.error.ConfigurationException;
import io.tsdash.error.InvalidInputException;
import io.tsdash.resilience.RateDecision;
import io.tsdash.resilience.RateLimit;
import io.tsdash.testkit.ManualTimeSource;
import io.tsdash.time.TimeSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
    void bringsItsScriptAgainWhenTheServerHasForgottenIt() {
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
        limiter.tryAcquire("first", 1); // which brings the script
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

    /**
     * A minute of 1,000 users who all want one and a half times their limit of 100 a second, by two nodes in turn, on the real
     * server. No bucket is ever full again, so nothing is lost: what has passed is what the formula allows, less than one call more.
     */
    @Test
    void twoNodesTogetherLetPassWhatTheFormulaAllowsAndNoMore() throws Exception {
        // The second limit refuses nobody: by it the server, whose clock is the real one, keeps the buckets however
        // slow the test is.
        List<RateLimit> limits = List.of(RateLimit.perSecond(100), new RateLimit(1, Duration.ofHours(1), 8_000));
        RedisRateLimiter one =
                RedisRateLimiter.on(connection, "shared:", limits).build();
        RedisRateLimiter two = RedisRateLimiter.on(other, "shared:", limits).build();
        one.tryAcquire("first", 1); // which brings the script
        int permits = 50;
        long[] passed = new long[1_000];
        for (int call = 0; call < 180; call++) {
            long sinceMicros = call / 3 * 1_000_000L + call % 3 * 330_000L;
            RedisRateLimiter node = call % 2 == 0 ? one : two;
            List<Future<List<Object>>> answers = new ArrayList<>(passed.length);
            for (int user = 0; user < passed.length; user++) {
                answers.add(node.ask("u" + user, permits, Long.toString(START_MICROS + sinceMicros)));
            }
            long bound = 100 + sinceMicros / 10_000;
            for (int user = 0; user < passed.length; user++) {
                passed[user] += node.decision(answers.get(user).get()).allowed() ? permits : 0;
                assertThat(passed[user])
                        .as("permits of user %s after %s µs", user, sinceMicros)
                        .isBetween(bound - permits, bound);
            }
        }
    }

    @Test
    void takesOneRoundTrip() {
        RedisRateLimiter limiter = RedisRateLimiter.on(connection, "trips:", List.of(RateLimit.perSecond(1_000)))
                .build();
        limiter.tryAcquire("k", 1); // which brings the script
        CommandCounts before = CommandCounts.of(server);
        for (int i = 0; i < 100; i++) {
            assertThat(limiter.tryAcquire("k", 1).allowed()).isTrue();
        }
        // The server counts what a script does too: it is all that is there beside the script.
        assertThat(CommandCounts.of(server).since(before))
                .isEqualTo(Map.of("evalsha", 100L, "time", 100L, "get", 100L, "set", 100L));
    }

    /** Decides by the server's clock: a node whose own is an hour ahead gets no bucket that is full again. */
    @Test
    void aNodeWhoseClockIsAnHourAheadGetsNoMore() {
        List<RateLimit> limits = List.of(new RateLimit(10, Duration.ofHours(1), 10));
        ManualTimeSource ahead = new ManualTimeSource(TimeSource.system().epochNanos());
        ahead.advance(Duration.ofHours(1));
        try (RedisConnection early =
                RedisConnection.open(RedisOptions.at(server.address()).build(), RedisListener.NONE, ahead)) {
            RedisRateLimiter right =
                    RedisRateLimiter.on(connection, "clocks:", limits).build();
            RedisRateLimiter wrong =
                    RedisRateLimiter.on(early, "clocks:", limits).time(ahead).build();
            assertThat(right.tryAcquire("k", 6).allowed()).isTrue();
            assertThat(wrong.tryAcquire("k", 4).allowed()).isTrue();
            ahead.advance(Duration.ofHours(1));
            assertThat(wrong.tryAcquire("k", 1).allowed()).isFalse();
            assertThat(right.tryAcquire("k", 1).allowed()).isFalse();
        }
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
        RedisRateLimiterListener listener = new ToldOfRedis(told);
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
