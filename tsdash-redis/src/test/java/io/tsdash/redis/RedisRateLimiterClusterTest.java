package io.tsdash.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.engines.RedisCluster;
import io.tsdash.engines.RedisServer;
import io.tsdash.resilience.RateDecision;
import io.tsdash.resilience.RateLimit;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Limits that two nodes share over a real cluster; each test has one of its own, since some kill servers of it. */
@Timeout(120)
class RedisRateLimiterClusterTest {
    private static final Duration TIMEOUT = Duration.ofMillis(500);
    private static final int PERMITS = 100;

    /** So slow that nothing comes while a test runs. */
    private static final List<RateLimit> LIMITS = List.of(new RateLimit(PERMITS, Duration.ofDays(31), PERMITS));

    @TempDir
    private Path folder;

    private final List<String> told = new CopyOnWriteArrayList<>();
    private RedisCluster cluster;
    private RedisConnection connection;
    private RedisConnection other;

    @BeforeEach
    void start() {
        cluster = RedisCluster.start(folder);
        connection = open();
        other = open();
    }

    @AfterEach
    void stop() {
        connection.close();
        other.close();
        cluster.close();
    }

    @Test
    void twoNodesAtTheSameTimeLetPassTheLimitAndNoMore() throws Exception {
        List<RedisRateLimiter> nodes = List.of(limiter(connection), limiter(other));
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<int[]>> work = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            RedisRateLimiter node = nodes.get(t % 2);
            work.add(threads.submit(() -> {
                int[] passed = new int[20];
                for (int i = 0; i < 40 * passed.length; i++) {
                    passed[i % passed.length] +=
                            node.tryAcquire("u" + i % passed.length, 1).allowed() ? 1 : 0;
                }
                return passed;
            }));
        }
        threads.shutdown();
        int[] passed = new int[20];
        for (Future<int[]> each : work) {
            int[] more = each.get();
            IntStream.range(0, passed.length).forEach(user -> passed[user] += more[user]);
        }
        assertThat(passed).containsOnly(PERMITS); // of 160 that each asks for
        assertThat(told).isEmpty();
    }

    /** What brings the script again asks the key's own master only: a replica that is gone must not matter. */
    @Test
    void bringsItsScriptToEachMasterThatHasForgottenItAlsoWhileAReplicaIsGone() {
        RedisRateLimiter limiter = limiter(connection);
        List<RedisServer> masters = cluster.masters();
        List<String> keys = masters.stream().map(this::keyOn).toList();
        keys.forEach(key -> assertThat(limiter.tryAcquire(key, 60).allowed()).isTrue());
        RedisServer replica = cluster.nodes().stream()
                .filter(node -> !masters.contains(node))
                .findAny()
                .orElseThrow();
        replica.kill();
        masters.forEach(master -> master.command("SCRIPT", "FLUSH"));
        for (String key : keys) {
            assertThat(limiter.tryAcquire(key, 40).allowed()).isTrue();
            assertThat(limiter.tryAcquire(key, 1).allowed()).isFalse();
        }
        assertThat(told).isEmpty();
    }

    /**
     * While a master is dead its keys are decided as was chosen, in time; then its replica goes on with what it had heard, which here
     * was all.
     */
    @Test
    void goesOnWithTheReplicaOfAKilledMaster() {
        RedisRateLimiter limiter = limiter(connection);
        RedisServer victim = cluster.masters().get(0);
        String key = keyOn(victim);
        String elsewhere = keyOn(cluster.masters().get(1));
        assertThat(limiter.tryAcquire(key, 60).allowed()).isTrue();
        Eventually.holds(() -> hasToldItsReplica(victim));
        victim.kill();
        int[] passed = {60};
        Eventually.holds(() -> {
            long startNanos = System.nanoTime();
            RateDecision decision = limiter.tryAcquire(key, 1);
            limiter.tryAcquire(elsewhere, 1);
            assertThat(Duration.ofNanos(System.nanoTime() - startNanos))
                    .isLessThan(TIMEOUT.multipliedBy(2).plusSeconds(1));
            passed[0] += decision.allowed() ? 1 : 0;
            return isRefusedByRedis(decision);
        });
        assertThat(told).startsWith("away REFUSE").endsWith("back");
        // Whoever asks whether it is back takes a permit too, for a caller that was refused.
        assertThat(passed[0]).isBetween(PERMITS - 10, PERMITS);
        RedisRateLimiter onOther = limiter(other);
        Eventually.holds(() -> isRefusedByRedis(onOther.tryAcquire(key, 1)));
    }

    /** Redis says to wait for hours; the choice for a Redis that is away says its timeout. */
    private static boolean isRefusedByRedis(RateDecision decision) {
        return !decision.allowed() && decision.waitNanos() > Duration.ofHours(1).toNanos();
    }

    private RedisRateLimiter limiter(RedisConnection on) {
        return RedisRateLimiter.on(on, "limit:", LIMITS)
                .whenAway(LimiterAway.REFUSE)
                .listener(new ToldOfRedis(told))
                .build();
    }

    private RedisConnection open() {
        return RedisConnection.open(
                RedisOptions.at(RedisCacheContractTest.address(cluster))
                        .timeout(TIMEOUT)
                        .topologyRefresh(Duration.ofSeconds(1))
                        .build(),
                RedisListener.NONE);
    }

    /** Returns a key whose bucket this master holds. */
    private String keyOn(RedisServer master) {
        return IntStream.range(0, 10_000)
                .mapToObj(i -> "u" + i)
                .filter(key -> !master.command("GET", "limit:" + key).startsWith("-MOVED"))
                .findFirst()
                .orElseThrow();
    }

    private static boolean hasToldItsReplica(RedisServer master) {
        String said = master.command("INFO", "replication");
        String written = said.replaceFirst("(?s).*master_repl_offset:(\\d+).*", "$1");
        return said.contains("offset=" + written + ",");
    }
}
