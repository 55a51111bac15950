package io.tsdash.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.cache.Cache;
import io.tsdash.cache.CacheCodec;
import io.tsdash.cache.CacheEntry;
import io.tsdash.cache.Lifetime;
import io.tsdash.cache.LocalCache;
import io.tsdash.cache.TwoLevelCache;
import io.tsdash.engines.RedisCluster;
import io.tsdash.engines.RedisServer;
import io.tsdash.error.TransientException;
import io.tsdash.testkit.FaultProxy;
import io.tsdash.testkit.RemoteCacheContract;
import io.tsdash.time.TimeSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shared tier on a real Redis and on a real cluster, alone and behind a local tier, held to the contract. */
class RedisCacheContractTest {
    private static final Duration TIMEOUT = Duration.ofMillis(500);
    private static final int VALUE_BYTES_MAX = 10_000;

    @TempDir
    private static Path folder;

    private static RedisServer single;
    private static FaultProxy wire;
    private static RedisCluster cluster;
    private static ClusterWires clusterWires;

    @BeforeAll
    static void start() {
        single = RedisServer.start(folder.resolve("single"));
        wire = FaultProxy.to("127.0.0.1", single.port());
        cluster = RedisCluster.start(folder.resolve("cluster"));
        clusterWires = ClusterWires.before(cluster);
    }

    @AfterAll
    static void stop() {
        clusterWires.close();
        cluster.close();
        wire.close();
        single.close();
    }

    abstract static class OnRedis extends RemoteCacheContract {
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
        protected Duration timeout() {
            return TIMEOUT;
        }
    }

    @Nested
    class Single extends OnRedis {
        @Override
        protected Cache<String> newCache(TimeSource clocks) {
            return cache(address(wire), clocks, false);
        }

        @Override
        protected List<FaultProxy> wires() {
            return List.of(wire);
        }
    }

    @Nested
    class SingleBehindLocal extends OnRedis {
        @Override
        protected Cache<String> newCache(TimeSource clocks) {
            return cache(address(wire), clocks, true);
        }

        @Override
        protected List<FaultProxy> wires() {
            return List.of(wire);
        }
    }

    @Nested
    class Cluster extends OnRedis {
        @Override
        protected Cache<String> newCache(TimeSource clocks) {
            return cache(clusterWires.address(), clocks, false);
        }

        @Override
        protected List<FaultProxy> wires() {
            return clusterWires.each();
        }

        /** The client connects to a node when something is first sent to it, and may not do so on the caller's time. */
        @Test
        @DisplayName("C10 while servers are silent a batch to those that were never spoken to fails in time too")
        void aBatchToNodesThatAreNewFailsInTime() {
            Map<String, CacheEntry<String>> entries = new HashMap<>();
            long now = TimeSource.system().epochNanos();
            IntStream.range(0, 100)
                    .forEach(i -> entries.put("k" + i, CacheEntry.of("v", now, Lifetime.of(Duration.ofMinutes(1)))));
            Cache<String> fresh = newCache(TimeSource.system());
            wires().forEach(FaultProxy::beSilent);
            for (Runnable call :
                    List.<Runnable>of(() -> fresh.putAll(entries), () -> fresh.removeAll(entries.keySet()))) {
                long startNanos = TimeSource.system().monotonicNanos();
                assertThatThrownBy(call::run).isInstanceOf(TransientException.class);
                assertThat(Duration.ofNanos(TimeSource.system().monotonicNanos() - startNanos))
                        .isLessThan(TIMEOUT.plusSeconds(1));
            }
        }
    }

    @Nested
    class ClusterBehindLocal extends OnRedis {
        @Override
        protected Cache<String> newCache(TimeSource clocks) {
            return cache(clusterWires.address(), clocks, true);
        }

        @Override
        protected List<FaultProxy> wires() {
            return clusterWires.each();
        }
    }

    private static String address(FaultProxy to) {
        return "redis://127.0.0.1:" + to.port();
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
