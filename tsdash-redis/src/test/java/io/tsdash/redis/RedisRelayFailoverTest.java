package io.tsdash.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.engines.RedisCluster;
import io.tsdash.engines.RedisSentinels;
import io.tsdash.engines.RedisServer;
import io.tsdash.error.TransientException;
import io.tsdash.relay.Lease;
import io.tsdash.relay.RelayEntry;
import io.tsdash.relay.RelayLog;
import io.tsdash.time.TimeSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The log's master killed behind real Sentinels and in a real cluster: its replica may not have heard of all. */
@Timeout(120)
class RedisRelayFailoverTest {
    private static final Duration LEASE = Duration.ofMillis(600);

    @TempDir
    private Path folder;

    @Test
    void afterAReplicaTookOverBehindSentinelsALeaseIsNotUnbroken() {
        try (RedisSentinels sentinels = RedisSentinels.start(folder)) {
            aLeaseIsNotUnbrokenAfter(sentinels.address(), sentinels.master());
        }
    }

    @Test
    void afterAReplicaTookOverInAClusterALeaseIsNotUnbroken() {
        try (RedisCluster cluster = RedisCluster.start(folder)) {
            RedisServer holder = cluster.masters().stream()
                    .filter(node ->
                            !node.command("GET", "{tsdash:relay:market}:lease").startsWith("-MOVED"))
                    .findFirst()
                    .orElseThrow();
            aLeaseIsNotUnbrokenAfter(RedisCacheContractTest.address(cluster), holder);
        }
    }

    private static void aLeaseIsNotUnbrokenAfter(String address, RedisServer master) {
        try (RelayLog leader = open(address);
                RelayLog follower = open(address)) {
            Lease first = leader.acquire().orElseThrow();
            assertThat(leader.keep(first, entry(1))).isEqualTo(RelayLog.Written.DONE);
            leader.release(first);
            Lease lease = leader.acquire().orElseThrow();
            assertThat(lease.unbroken()).isTrue();
            assertThat(leader.append(lease, 0, entry(1))).isEqualTo(RelayLog.Written.DONE);
            master.kill();

            Lease next = afterwards(follower);
            assertThat(next.unbroken()).isFalse();
            assertThat(follower.keep(next, entry(2))).isEqualTo(RelayLog.Written.DONE);
            follower.release(next);
            assertThat(afterwards(follower).unbroken())
                    .as("after a snapshot of the new master's life")
                    .isTrue();
        }
    }

    /** Returns the lease, once there is a master again and the lease before has run out. */
    private static Lease afterwards(RelayLog log) {
        List<Lease> found = new ArrayList<>();
        Eventually.holds(() -> {
            try {
                log.acquire().ifPresent(found::add);
            } catch (TransientException e) {
                return false;
            }
            return !found.isEmpty();
        });
        return found.get(0);
    }

    private static RelayLog open(String address) {
        return RedisRelayLog.open(
                RedisOptions.at(address).topologyRefresh(Duration.ofSeconds(1)).build(),
                "market",
                LEASE,
                100,
                RedisListener.NONE,
                TimeSource.system());
    }

    private static RelayEntry entry(long index) {
        return new RelayEntry(index, new byte[] {1});
    }
}
