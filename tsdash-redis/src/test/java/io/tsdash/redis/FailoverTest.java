package io.tsdash.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.cache.CacheCodec;
import io.tsdash.cache.CacheEntry;
import io.tsdash.cache.Lifetime;
import io.tsdash.cache.LocalCache;
import io.tsdash.cache.TwoLevelCache;
import io.tsdash.engines.RedisCluster;
import io.tsdash.engines.RedisSentinels;
import io.tsdash.engines.RedisServer;
import io.tsdash.error.TransientException;
import io.tsdash.time.TimeSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Masters that are killed, on a real cluster and behind real Sentinels. */
@Timeout(120)
class FailoverTest {
    private static final Duration TIMEOUT = Duration.ofMillis(500);
    private static final Lifetime HOUR = Lifetime.of(Duration.ofHours(1));
    private static final TimeSource TIME = TimeSource.system();
    private static final int WRITERS = 4;

    @TempDir
    private static Path folder;

    /**
     * Redis replicates behind its answers, so what was acknowledged shortly before the kill may be gone: it is counted. No call
     * takes longer than its timeout allows; what was acknowledged to the other masters, and after the fail-over, is there.
     */
    @Test
    void aKilledMasterOfAClusterCostsNoMoreThanWhatItsReplicaHadNotHeard() throws Exception {
        try (RedisCluster cluster = RedisCluster.start(folder.resolve("cluster"));
                RedisConnection connection = open(RedisCacheContractTest.address(cluster));
                RedisConnection another = open(RedisCacheContractTest.address(cluster));
                RedisCache<String> cache =
                        RedisCache.on(connection, "load:", CacheCodec.text()).open();
                RedisInvalidations news = RedisInvalidations.open(another, "near:");
                TwoLevelCache<String> reader = twoLevels(another, news)) {
            WriteLoad load = WriteLoad.start(cache, WRITERS);
            Map<String, Long> acknowledged = load.acknowledged();
            Eventually.holds(() -> acknowledged.size() > 2_000);

            RedisServer victim = cluster.masters().get(0);
            String key = keyOn(victim);
            cacheOf(connection, "near:").put(key, entry("before"));
            assertThat(value(reader, key)).contains("before");
            long killedNanos = TIME.monotonicNanos();
            victim.kill();
            Eventually.holds(() -> {
                try {
                    cacheOf(connection, "near:").put(key, entry("after"));
                    return true;
                } catch (TransientException e) {
                    return false;
                }
            });
            long outage = TIME.monotonicNanos() - killedNanos;
            int then = acknowledged.size();
            Eventually.holds(() -> acknowledged.size() > then + 1_000);
            load.end();
            List<String> lost = lost(cache, load, outage);
            // Its replica is at most what was on the way behind: what came a second before the kill was there.
            assertThat(lost).allMatch(each -> acknowledged.getOrDefault(each, 0L) > killedNanos - 1_000_000_000L);
            assertThat(lost.size()).isLessThan(acknowledged.size() / 10);
            // The local tier of another node has not stayed with the old value, and hears of the new master's changes.
            Eventually.holds(() -> value(reader, key).equals(Optional.of("after")));
            cacheOf(connection, "near:").put(key, entry("later"));
            Eventually.holds(() -> value(reader, key).equals(Optional.of("later")));
        }
    }

    /** The same behind Sentinels, where all keys are on the one master. */
    @Test
    void goesOnWithTheNextMasterBehindSentinels() throws Exception {
        try (RedisSentinels sentinels = RedisSentinels.start(folder.resolve("sentinels"));
                RedisConnection connection = open(sentinels.address());
                RedisInvalidations news = RedisInvalidations.open(connection, "near:");
                TwoLevelCache<String> cache = twoLevels(connection, news)) {
            RedisCache<String> loaded = cacheOf(connection, "load:");
            WriteLoad load = WriteLoad.start(loaded, WRITERS);
            Map<String, Long> acknowledged = load.acknowledged();
            Eventually.holds(() -> acknowledged.size() > 2_000);
            cache.put("k", entry("before"));
            long killedNanos = TIME.monotonicNanos();
            sentinels.master().kill();
            Eventually.holds(() -> {
                try {
                    cache.put("k", entry("after"));
                    return true;
                } catch (TransientException e) {
                    return false;
                }
            });
            long outage = TIME.monotonicNanos() - killedNanos;
            assertThat(value(cache, "k")).contains("after");
            int then = acknowledged.size();
            Eventually.holds(() -> acknowledged.size() > then + 1_000);
            load.end();
            assertThat(lost(loaded, load, outage))
                    .allMatch(each -> acknowledged.getOrDefault(each, 0L) > killedNanos - 1_000_000_000L)
                    .hasSizeLessThan(acknowledged.size() / 10);
        }
    }

    /** Returns what was acknowledged and is gone, and says how it went; no call took longer than its timeout allows. */
    private static List<String> lost(RedisCache<String> cache, WriteLoad load, long outageNanos) {
        assertThat(load.slowest()).isLessThan(TIMEOUT.plus(Duration.ofSeconds(1)));
        List<String> lost = load.acknowledged().keySet().stream()
                .filter(each -> !isThere(cache, each))
                .toList();
        System.out.printf(
                "%d acknowledged, %d of them lost with the master, %d refused, back after %d ms, slowest call %d ms%n",
                load.acknowledged().size(),
                lost.size(),
                load.refused(),
                outageNanos / 1_000_000,
                load.slowest().toMillis());
        return lost;
    }

    private static RedisConnection open(String address) {
        return RedisConnection.open(
                RedisOptions.at(address)
                        .timeout(TIMEOUT)
                        .topologyRefresh(Duration.ofSeconds(1))
                        .breaker(1_000_000, Duration.ofMillis(1))
                        .build(),
                RedisListener.NONE);
    }

    private static RedisCache<String> cacheOf(RedisConnection connection, String prefix) {
        return RedisCache.on(connection, prefix, CacheCodec.text()).open();
    }

    private static TwoLevelCache<String> twoLevels(RedisConnection connection, RedisInvalidations news) {
        return new TwoLevelCache<>(
                LocalCache.<String>builder().build(), cacheOf(connection, "near:"), Duration.ofMinutes(10), news, TIME);
    }

    /** Returns a key that this master holds. */
    private static String keyOn(RedisServer master) {
        return IntStream.range(0, 1_000)
                .mapToObj(i -> "k" + i)
                .filter(key -> !master.command("GET", "near:" + key).startsWith("-MOVED"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("none of 1,000 keys is on the master at " + master.port()));
    }

    /** Asks again where an answer takes too long: what is counted here is what is gone. */
    private static boolean isThere(RedisCache<String> cache, String key) {
        AtomicBoolean there = new AtomicBoolean();
        Eventually.holds(() -> {
            try {
                there.set(cache.get(key).isPresent());
                return true;
            } catch (TransientException e) {
                return false;
            }
        });
        return there.get();
    }

    private static Optional<String> value(TwoLevelCache<String> cache, String key) {
        try {
            return cache.get(key).flatMap(CacheEntry::value);
        } catch (TransientException e) {
            return Optional.of("away");
        }
    }

    private static CacheEntry<String> entry(String value) {
        return CacheEntry.of(value, TIME.epochNanos(), HOUR);
    }
}
