package io.tsdash.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.engines.RedisCluster;
import io.tsdash.engines.RedisServer;
import io.tsdash.error.ConfigurationException;
import io.tsdash.relay.Lease;
import io.tsdash.relay.RelayEntry;
import io.tsdash.relay.RelayLog;
import io.tsdash.testkit.RelayLogContract;
import io.tsdash.time.TimeSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log on a real Redis and on a real cluster, held to the contract. */
class RedisRelayLogTest {
    @TempDir
    private static Path folder;

    private static RedisServer redis;
    private static RedisCluster cluster;

    @BeforeAll
    static void start() {
        redis = RedisServer.start(folder.resolve("single"), "--appendonly", "yes", "--appendfsync", "always");
        cluster = RedisCluster.start(folder.resolve("cluster"));
    }

    @AfterAll
    static void stop() {
        cluster.close();
        redis.close();
    }

    abstract static class OnRedis extends RelayLogContract {
        private final String name = UUID.randomUUID().toString();

        abstract String address();

        @Override
        protected RelayLog open() {
            return RedisRelayLog.open(
                    RedisOptions.at(address()).build(), name, LEASE, KEPT, RedisListener.NONE, TimeSource.system());
        }

        @Override
        protected void pass(Duration duration) {
            long end = System.nanoTime() + duration.toNanos();
            while (System.nanoTime() < end) {
                LockSupport.parkNanos(end - System.nanoTime());
            }
        }
    }

    @Nested
    class Single extends OnRedis {
        @Override
        String address() {
            return redis.address();
        }

        @Test
        void afterARestartOfRedisALeaseIsNotUnbrokenUntilASnapshotIsWritten() {
            try (RelayLog log = open()) {
                Lease lease = log.acquire().orElseThrow();
                log.append(lease, 0, new RelayEntry(1, new byte[1]));
                log.keep(lease, new RelayEntry(1, new byte[1]));
                log.release(lease);
                assertThat(log.acquire().orElseThrow().unbroken()).isTrue();
                redis.kill();
                redis.restart();
                try (RelayLog other = open()) {
                    pass(LEASE);
                    Lease next = other.acquire().orElseThrow();
                    assertThat(next.unbroken()).isFalse();
                    assertThat(other.end()).as("what was synced is there").isEqualTo(1);
                    other.keep(next, new RelayEntry(1, new byte[1]));
                    other.release(next);
                    assertThat(other.acquire().orElseThrow().unbroken()).isTrue();
                }
            }
        }
    }

    @Nested
    class Cluster extends OnRedis {
        @Override
        String address() {
            return RedisCacheContractTest.address(cluster);
        }
    }

    @Test
    void wrongSettingsAreToldAllAtOnce() {
        assertThatThrownBy(() -> RedisRelayLog.open(
                        RedisOptions.at(redis.address()).build(),
                        "a b",
                        Duration.ofMillis(1),
                        1,
                        RedisListener.NONE,
                        TimeSource.system()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("name was 'a b'")
                .hasMessageContaining("lease was 'PT0.001S'")
                .hasMessageContaining("entriesKept was '1'");
    }
}
