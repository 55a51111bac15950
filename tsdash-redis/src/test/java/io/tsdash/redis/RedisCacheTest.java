package io.tsdash.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.cache.CacheCodec;
import io.tsdash.cache.CacheEntry;
import io.tsdash.cache.Lifetime;
import io.tsdash.cache.LocalCache;
import io.tsdash.cache.TwoLevelCache;
import io.tsdash.engines.RedisServer;
import io.tsdash.error.ConfigurationException;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.time.TimeSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RedisCacheTest {
    private static final Lifetime HOUR = Lifetime.of(Duration.ofHours(1));
    private static final TimeSource TIME = TimeSource.system();

    @TempDir
    private static Path folder;

    private static RedisServer server;
    private final List<AutoCloseable> opened = new ArrayList<>();

    @BeforeAll
    static void start() {
        server = RedisServer.start(folder.resolve("plain"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    @Test
    void theServerExpiresAnEntryByItself() {
        RedisCache<String> cache = cache(open(server.address()), "expiry:");
        cache.put("k", CacheEntry.of("v", TIME.epochNanos(), Lifetime.of(Duration.ofMillis(300))));
        assertThat(server.command("EXISTS", "expiry:k")).startsWith(":1");
        Eventually.holds(() -> server.command("EXISTS", "expiry:k").startsWith(":0"));
        cache.put("k", CacheEntry.of("v", TIME.epochNanos(), Lifetime.of(Duration.ofDays(7))));
        long left = Long.parseLong(server.command("PTTL", "expiry:k").strip().substring(1));
        assertThat(left)
                .isBetween(
                        Duration.ofDays(7).toMillis() - 10_000,
                        Duration.ofDays(7).toMillis() + 1);
    }

    @Test
    void whatIsWrittenInAnotherFormCountsAsNotThereAndIsTold() {
        ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();
        CacheCodec<String> codec = new CacheCodec<>() {
            @Override
            public byte[] encode(String value) {
                return value.getBytes(StandardCharsets.UTF_8);
            }

            @Override
            public String decode(byte[] bytes) {
                throw new IllegalArgumentException("version 7 of the value");
            }
        };
        RedisCache<String> cache = RedisCache.on(open(server.address()), "form:", codec)
                .listener((key, cause) -> told.add(key + ": " + cause.getMessage()))
                .open();
        opened.add(cache);
        server.command("SET", "form:a", "plain-text-of-another-program-which-is-long-enough");
        assertThat(cache.get("a")).isEmpty();
        cache.put("b", CacheEntry.of("v", TIME.epochNanos(), HOUR));
        assertThat(cache.getAll(List.of("a", "b"))).isEmpty();
        assertThat(told)
                .contains("a: it has the form 112, and this version reads the form 1", "b: version 7 of the value");
    }

    @Test
    void saysWhatAUserMayNotAndWhatAnotherProgramKeeps() {
        server.command("ACL", "SETUSER", "reader", "on", ">secret", "~*", "+@read", "+@connection", "+info");
        RedisConnection connection = RedisConnection.open(
                RedisOptions.at(server.address())
                        .user("reader")
                        .password("secret")
                        .build(),
                RedisListener.NONE);
        opened.add(connection);
        assertThatThrownBy(
                        () -> RedisCache.on(connection, "p:", CacheCodec.text()).open())
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("SET at " + server.address())
                .hasMessageContaining("give this user the right in Redis's access list");
        RedisCache<String> cache = cache(open(server.address()), "other:");
        server.command("LPUSH", "other:k", "x");
        assertThatThrownBy(() -> cache.get("k"))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("another program keeps something else under this key");
    }

    @Test
    void saysThatTheServerHasBecomeAReplicaOrIsFull() {
        RedisConnection connection = open(server.address());
        RedisCache<String> cache = cache(connection, "ro:");
        server.command("REPLICAOF", "127.0.0.1", "1");
        try {
            assertThatThrownBy(() -> cache.put("k", CacheEntry.of("v", TIME.epochNanos(), HOUR)))
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("it is a replica: give the address of its master");
        } finally {
            server.command("REPLICAOF", "NO", "ONE");
        }
        server.command("CONFIG", "SET", "maxmemory", "1");
        try {
            assertThatThrownBy(() -> cache.put("k", CacheEntry.of("v", TIME.epochNanos(), HOUR)))
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("set maxmemory-policy of the server to one that evicts");
        } finally {
            server.command("CONFIG", "SET", "maxmemory", "0");
        }
    }

    @Test
    void refusesWrongSettings() {
        assertThatThrownBy(() -> RedisCache.on(open(server.address()), "a b", CacheCodec.text())
                        .valueBytesMax(0)
                        .open())
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems())
                                .hasSize(2)
                                .contains("valueBytesMax was '0' but it must be from 1 to 67108864"));
    }

    @Test
    void anotherNodesChangeReachesTheLocalTierAndOnesOwnDoesNotEmptyIt() {
        RedisConnection first = open(server.address());
        TwoLevelCache<String> one = twoLevels(first, "news:");
        TwoLevelCache<String> two = twoLevels(open(server.address()), "news:");
        one.put("k", entry("v"));
        assertThat(value(two)).contains("v");
        two.put("k", entry("w"));
        Eventually.holds(() -> value(one).equals(Optional.of("w")));
        server.command("DEL", "news:k"); // by a program that knows nothing of us
        Eventually.holds(() -> value(one).isEmpty() && value(two).isEmpty());
        one.put("k", entry("x"));
        long before = gets();
        for (int i = 0; i < 100; i++) {
            assertThat(value(one)).contains("x");
        }
        assertThat(gets()).as("questions to the server").isEqualTo(before);
        server.command("FLUSHALL");
        Eventually.holds(() -> value(one).isEmpty());
    }

    @Test
    void dropsTheLocalTierAfterABrokenConnectionAndHearsAgain() {
        TwoLevelCache<String> reader = twoLevels(open(server.address()), "broken:");
        TwoLevelCache<String> writer = twoLevels(open(server.address()), "broken:");
        writer.put("k", entry("v"));
        assertThat(value(reader)).contains("v");
        server.command("CLIENT", "KILL", "TYPE", "normal");
        server.command("DEL", "broken:k"); // nobody hears this
        Eventually.holds(() -> quietly(reader).isEmpty());
        Eventually.holds(() -> {
            try {
                writer.put("k", entry("w"));
                return quietly(reader).equals(Optional.of("w"));
            } catch (TransientException e) {
                return false;
            }
        });
        server.command("DEL", "broken:k"); // and this all hear again
        Eventually.holds(() -> quietly(reader).isEmpty());
    }

    @Test
    void memoryStaysBoundedWhileTheServerIsFrozen() throws Exception {
        RedisConnection connection = RedisConnection.open(
                RedisOptions.at(server.address())
                        .timeout(Duration.ofMillis(50))
                        .requestsMax(200)
                        .breaker(1_000_000, Duration.ofMillis(1))
                        .build(),
                RedisListener.NONE);
        opened.add(connection);
        RedisCache<String> cache = cache(connection, "frozen:");
        String value = "x".repeat(100_000);
        Map<String, CacheEntry<String>> batch = new HashMap<>();
        for (int i = 0; i < 50; i++) {
            batch.put("k" + i, entry(value));
        }
        signal("-STOP");
        try {
            long before = usedBytes();
            // 1.2 GB are asked for; 200 values of 100 kB have room, and 200 whose callers have gone, each some times
            // over.
            for (int i = 0; i < 4; i++) {
                askFor60Batches(cache, batch);
                assertThat(usedBytes() - before)
                        .as("bytes that wait for the server")
                        .isLessThan(250_000_000);
            }
        } finally {
            signal("-CONT");
        }
        Eventually.holds(() -> {
            try {
                cache.put("k", entry("back"));
                return true;
            } catch (TransientException e) {
                return false;
            }
        });
    }

    private static void askFor60Batches(RedisCache<String> cache, Map<String, CacheEntry<String>> batch) {
        int failed = 0;
        for (int i = 0; i < 60; i++) {
            try {
                cache.putAll(batch);
            } catch (TransientException e) {
                failed++;
            }
        }
        assertThat(failed).isGreaterThan(50);
    }

    private static long usedBytes() {
        System.gc();
        long direct = java.lang.management.ManagementFactory.getPlatformMXBeans(
                        java.lang.management.BufferPoolMXBean.class)
                .stream()
                .mapToLong(java.lang.management.BufferPoolMXBean::getMemoryUsed)
                .sum();
        return direct
                + Runtime.getRuntime().totalMemory()
                - Runtime.getRuntime().freeMemory();
    }

    private static void signal(String signal) throws Exception {
        assertThat(new ProcessBuilder("kill", signal, Long.toString(server.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    private static long gets() {
        return server.command("INFO", "commandstats")
                .lines()
                .filter(line -> line.startsWith("cmdstat_get:calls=") || line.startsWith("cmdstat_mget:calls="))
                .mapToLong(line -> Long.parseLong(line.replaceFirst("^\\w+:calls=(\\d+).*", "$1")))
                .sum();
    }

    private RedisConnection open(String address) {
        RedisConnection connection =
                RedisConnection.open(RedisOptions.at(address).build(), RedisListener.NONE);
        opened.add(connection);
        return connection;
    }

    private RedisCache<String> cache(RedisConnection connection, String prefix) {
        RedisCache<String> cache =
                RedisCache.on(connection, prefix, CacheCodec.text()).open();
        opened.add(0, cache);
        return cache;
    }

    private TwoLevelCache<String> twoLevels(RedisConnection connection, String prefix) {
        RedisInvalidations invalidations = RedisInvalidations.open(connection, prefix);
        opened.add(0, invalidations);
        TwoLevelCache<String> cache = new TwoLevelCache<>(
                LocalCache.<String>builder().build(),
                cache(connection, prefix),
                Duration.ofMinutes(10),
                invalidations,
                TIME);
        opened.add(0, cache);
        return cache;
    }

    private static Optional<String> value(TwoLevelCache<String> cache) {
        return cache.get("k").flatMap(CacheEntry::value);
    }

    private static Optional<String> quietly(TwoLevelCache<String> cache) {
        try {
            return value(cache);
        } catch (TransientException e) {
            return Optional.of("away");
        }
    }

    private static CacheEntry<String> entry(String value) {
        return CacheEntry.of(value, TIME.epochNanos(), HOUR);
    }
}
