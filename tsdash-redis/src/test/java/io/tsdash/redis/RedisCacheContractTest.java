package io.tsdash.redis;

import io.tsdash.cache.Cache;
import io.tsdash.cache.CacheCodec;
import io.tsdash.cache.LocalCache;
import io.tsdash.cache.TwoLevelCache;
import io.tsdash.engines.RedisCluster;
import io.tsdash.engines.RedisServer;
import io.tsdash.testkit.CacheContract;
import io.tsdash.testkit.FaultProxy;
import io.tsdash.time.TimeSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The shared tier on a real Redis and on a real cluster, alone and behind a local tier, held to the contract. */
class RedisCacheContractTest {
    private static final Duration TIMEOUT = Duration.ofMillis(500);
    private static final int VALUE_BYTES_MAX = 10_000;

    @TempDir
    private static Path folder;

    private static RedisServer single;
    private static RedisCluster cluster;

    @BeforeAll
    static void start() {
        single = RedisServer.start(folder.resolve("single"));
        cluster = RedisCluster.start(folder.resolve("cluster"));
    }

    @AfterAll
    static void stop() {
        cluster.close();
        single.close();
    }

    abstract static class OnRedis extends CacheContract {
        private final List<AutoCloseable> opened = new ArrayList<>();

        /** Returns a new cache; each has keys of its own. */
        Cache<String> cache(String address, TimeSource clocks, boolean twoLevels) {
            RedisConnection connection = RedisConnection.open(
                    RedisOptions.at(address)
                            .timeout(TIMEOUT)
                            .breaker(1_000, TIMEOUT)
                            .topologyRefresh(Duration.ofSeconds(1))
                            .build(),
                    RedisListener.NONE);
            opened.add(connection);
            String prefix = "contract:" + System.nanoTime() + ":";
            Cache<String> shared = RedisCache.on(connection, prefix, CacheCodec.text())
                    .valueBytesMax(VALUE_BYTES_MAX)
                    .time(clocks)
                    .open();
            if (!twoLevels) {
                return shared;
            }
            RedisInvalidations invalidations = RedisInvalidations.open(connection, prefix);
            opened.add(0, invalidations);
            return new TwoLevelCache<>(
                    LocalCache.<String>builder().time(clocks).build(),
                    shared,
                    Duration.ofSeconds(30),
                    invalidations,
                    clocks);
        }

        @AfterEach
        void end() throws Exception {
            for (AutoCloseable each : opened) {
                each.close();
            }
        }

        @Override
        protected Optional<FaultProxy> wire() {
            return Optional.empty();
        }

        @Override
        protected Duration timeout() {
            return TIMEOUT;
        }
    }

    @Nested
    class Single extends OnRedis {
        private final FaultProxy wire = FaultProxy.to("127.0.0.1", single.port());

        @Override
        protected Cache<String> newCache(TimeSource clocks) {
            return cache("redis://127.0.0.1:" + wire.port(), clocks, false);
        }

        @Override
        protected Optional<FaultProxy> wire() {
            return Optional.of(wire);
        }
    }

    @Nested
    class SingleBehindLocal extends OnRedis {
        @Override
        protected Cache<String> newCache(TimeSource clocks) {
            return cache(single.address(), clocks, true);
        }
    }

    @Nested
    class Cluster extends OnRedis {
        @Override
        protected Cache<String> newCache(TimeSource clocks) {
            return cache(address(cluster), clocks, false);
        }
    }

    @Nested
    class ClusterBehindLocal extends OnRedis {
        @Override
        protected Cache<String> newCache(TimeSource clocks) {
            return cache(address(cluster), clocks, true);
        }
    }

    static String address(RedisCluster of) {
        return "redis-cluster://"
                + String.join(
                        ",",
                        of.nodes().stream()
                                .map(node -> "127.0.0.1:" + node.port())
                                .toList());
    }
}
