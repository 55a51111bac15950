package io.tsdash.redis;

import io.tsdash.cache.CacheEntry;
import io.tsdash.cache.Lifetime;
import io.tsdash.error.TransientException;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/** Puts one key after another by several threads, and keeps what was acknowledged. */
final class WriteLoad {
    private static final TimeSource TIME = TimeSource.system();

    private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();
    private final AtomicLong slowestNanos = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final List<Future<?>> work = new ArrayList<>();
    private volatile boolean ended;

    private WriteLoad() {}

    static WriteLoad start(RedisCache<String> cache, int writers) {
        WriteLoad load = new WriteLoad();
        ExecutorService threads = Executors.newFixedThreadPool(writers);
        for (int t = 0; t < writers; t++) {
            String writer = "w" + t + "-";
            load.work.add(threads.submit(() -> {
                for (int i = 0; !load.ended; i++) {
                    load.put(cache, writer + i);
                }
                return null;
            }));
        }
        threads.shutdown();
        return load;
    }

    private void put(RedisCache<String> cache, String key) throws InterruptedException {
        long startNanos = TIME.monotonicNanos();
        try {
            cache.put(key, CacheEntry.of("v", TIME.epochNanos(), Lifetime.of(Duration.ofHours(1))));
            acknowledged.put(key, startNanos);
        } catch (TransientException e) {
            refused.incrementAndGet();
            Thread.sleep(1);
        }
        slowestNanos.accumulateAndGet(TIME.monotonicNanos() - startNanos, Math::max);
    }

    /** Returns the keys that were acknowledged, each with the monotonic time at which its put began. */
    Map<String, Long> acknowledged() {
        return acknowledged;
    }

    long refused() {
        return refused.get();
    }

    Duration slowest() {
        return Duration.ofNanos(slowestNanos.get());
    }

    /** Ends the threads and waits for them; what failed in one fails here. */
    void end() throws Exception {
        ended = true;
        for (Future<?> each : work) {
            each.get();
        }
    }
}
