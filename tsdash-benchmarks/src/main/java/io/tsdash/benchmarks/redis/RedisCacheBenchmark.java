package io.tsdash.benchmarks.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.tsdash.cache.CacheCodec;
import io.tsdash.cache.CacheEntry;
import io.tsdash.cache.Lifetime;
import io.tsdash.engines.RedisServer;
import io.tsdash.redis.RedisCache;
import io.tsdash.redis.RedisConnection;
import io.tsdash.redis.RedisListener;
import io.tsdash.redis.RedisOptions;
import io.tsdash.time.TimeSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntConsumer;

/**
 * The shared cache beside its client by hand, on one real Redis on the loopback: gets and puts of 200 bytes by four threads, and
 * batches of 100 by one. Rounds take turns, so that both meet the same machine; the medians are compared.
 */
public final class RedisCacheBenchmark {
    private static final int THREADS = 4;
    private static final int ROUNDS = 7;
    private static final int BATCH = 100;
    private static final int KEYS = 1_000;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration DAY = Duration.ofDays(1);

    private final RedisCache<byte[]> cache;
    private final StatefulRedisConnection<byte[], byte[]> hand;
    private final byte[] value = "x".repeat(200).getBytes(StandardCharsets.UTF_8);
    private final int operations;

    private RedisCacheBenchmark(
            RedisCache<byte[]> cache, StatefulRedisConnection<byte[], byte[]> hand, int operations) {
        this.cache = cache;
        this.hand = hand;
        this.operations = operations;
    }

    /** Measures; the only argument is how many operations a round has, 20,000 if it is not given. */
    public static void main(String[] args) throws IOException, InterruptedException {
        int operations = args.length > 0 ? Integer.parseInt(args[0]) : 20_000;
        RedisClient client = null;
        try (RedisServer server = RedisServer.start(Files.createTempDirectory("redis"));
                RedisConnection connection = RedisConnection.open(
                        RedisOptions.at(server.address()).timeout(TIMEOUT).build(), RedisListener.NONE);
                RedisCache<byte[]> cache =
                        RedisCache.on(connection, "cache:", CacheCodec.bytes()).open()) {
            client = RedisClient.create(server.address());
            client.setOptions(ClientOptions.builder()
                    .timeoutOptions(TimeoutOptions.enabled(TIMEOUT))
                    .build());
            new RedisCacheBenchmark(cache, client.connect(ByteArrayCodec.INSTANCE), operations).run();
        } finally {
            if (client != null) {
                client.shutdown();
            }
        }
    }

    private void run() throws InterruptedException {
        Map<String, CacheEntry<byte[]>> entries = new HashMap<>();
        Map<byte[], byte[]> plain = new HashMap<>();
        for (int i = 0; i < BATCH; i++) {
            entries.put("k" + i, entry());
            plain.put(key(i), value);
        }
        byte[][] names = plain.keySet().toArray(byte[][]::new);
        compare(
                "put",
                THREADS,
                operations,
                i -> cache.put("k" + i % KEYS, entry()),
                i -> hand.sync().psetex(key(i % KEYS), DAY.toMillis(), value));
        compare(
                "get",
                THREADS,
                operations,
                i -> cache.get("k" + i % KEYS),
                i -> hand.sync().get(key(i % KEYS)));
        compare("putAll of 100", 1, operations / 20, i -> cache.putAll(entries), i -> putAllByHand(plain));
        compare(
                "getAll of 100",
                1,
                operations / 20,
                i -> cache.getAll(entries.keySet()),
                i -> hand.sync().mget(names));
    }

    private void compare(String what, int threads, int count, IntConsumer ours, IntConsumer byHand)
            throws InterruptedException {
        double[] oursRates = new double[ROUNDS];
        double[] handRates = new double[ROUNDS];
        round(threads, count, ours); // warm up
        round(threads, count, byHand);
        for (int i = 0; i < ROUNDS; i++) {
            oursRates[i] = round(threads, count, ours);
            handRates[i] = round(threads, count, byHand);
        }
        Arrays.sort(oursRates);
        Arrays.sort(handRates);
        double our = oursRates[ROUNDS / 2];
        double hands = handRates[ROUNDS / 2];
        System.out.printf("%-14s %,9.0f a second, by hand %,9.0f, ratio %.2f%n", what, our, hands, our / hands);
    }

    private static double round(int threads, int count, IntConsumer operation) throws InterruptedException {
        CountDownLatch end = new CountDownLatch(threads);
        long startNanos = TimeSource.system().monotonicNanos();
        for (int t = 0; t < threads; t++) {
            Thread thread = new Thread(() -> {
                for (int i = 0; i < count / threads; i++) {
                    operation.accept(i);
                }
                end.countDown();
            });
            thread.start();
        }
        end.await();
        return count * 1e9 / (TimeSource.system().monotonicNanos() - startNanos);
    }

    private void putAllByHand(Map<byte[], byte[]> values) {
        List<RedisFuture<String>> answers = new ArrayList<>(values.size());
        hand.setAutoFlushCommands(false);
        values.forEach((key, each) -> answers.add(hand.async().psetex(key, DAY.toMillis(), each)));
        hand.flushCommands();
        hand.setAutoFlushCommands(true);
        LettuceFutures.awaitAll(TIMEOUT, answers.toArray(RedisFuture[]::new));
    }

    private CacheEntry<byte[]> entry() {
        return CacheEntry.of(value, TimeSource.system().epochNanos(), Lifetime.of(DAY));
    }

    private static byte[] key(int i) {
        return ("hand:k" + i).getBytes(StandardCharsets.UTF_8);
    }
}
