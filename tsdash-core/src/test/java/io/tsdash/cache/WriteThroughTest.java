package io.tsdash.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.TransientException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WriteThroughTest {
    private static final long VERSIONS = 70_000;

    private static final CachePolicy POLICY = CachePolicy.of("test", Duration.ofMinutes(1));

    private static final Duration WAIT = Duration.ofSeconds(20);

    private final Map<String, Long> store = new ConcurrentHashMap<>();
    private final AwayCache<Long> cache =
            new AwayCache<>(LocalCache.<Long>builder().entriesMax(100).build());
    private final CacheAside<Long> aside = CacheAside.of(cache, key -> Optional.ofNullable(store.get(key)), POLICY)
            .build();

    @AfterEach
    void close() {
        aside.close();
    }

    @Test
    void writesTheStoreThenTheCache() throws Exception {
        WriteThrough<Long> through = new WriteThrough<>(store::put, aside, WAIT);
        through.put("k", 1L);
        assertThat(store).containsEntry("k", 1L);
        assertThat(aside.get("k").value()).contains(1L);
        assertThat(aside.counts().loads()).isZero();
    }

    @Test
    void aFailedWriteIsThrownAndTheCacheForgetsTheKey() {
        store.put("k", 1L);
        aside.get("k");
        WriteThrough<Long> through = new WriteThrough<>(
                (key, value) -> {
                    store.put(key, value); // done, and yet not answered
                    throw new TransientException("no answer");
                },
                aside,
                WAIT);
        assertThatThrownBy(() -> through.put("k", 2L)).isInstanceOf(TransientException.class);
        assertThat(aside.get("k").value()).contains(2L);
    }

    @Test
    void aCacheThatIsAwayDoesNotFailTheWrite() throws Exception {
        cache.away = true;
        new WriteThrough<>(store::put, aside, WAIT).put("k", 1L);
        assertThat(store).containsEntry("k", 1L);
        assertThat(aside.counts().cacheFailures()).isPositive();
    }

    @Test
    void aWriteWaitsForAnotherOfItsKeyAndNotForEver() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        WriteThrough<Long> through = new WriteThrough<>(
                (key, value) -> {
                    begun.countDown();
                    if (value == 1) {
                        Eventually.holds(() -> end.getCount() == 0);
                    }
                    store.put(key, value);
                },
                aside,
                Duration.ofMillis(50));
        ExecutorService first = Executors.newSingleThreadExecutor();
        Future<?> write = first.submit(() -> {
            through.put("k", 1L);
            return null;
        });
        begun.await();
        assertThatThrownBy(() -> through.put("k", 2L))
                .isInstanceOf(TransientException.class)
                .hasMessage("another write of key 'k' has not ended within PT0.05S");
        through.put("other", 3L);
        end.countDown();
        write.get();
        first.shutdown();
        assertThat(aside.get("k").value()).contains(1L);
    }

    /** Through writes, loads, refreshes and invalidations at once: who asks after a write has returned sees it, or a later one. */
    @Test
    void neverAnswersWithLessThanWhatWasWrittenBefore() throws Exception {
        int keys = 4;
        AtomicLongArray acknowledged = new AtomicLongArray(keys);
        WriteThrough<Long> through = new WriteThrough<>(store::put, aside, WAIT);
        for (int i = 0; i < keys; i++) {
            store.put("k" + i, 0L);
        }
        AtomicBoolean end = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(keys + 4);
        List<Future<?>> writers = new ArrayList<>();
        List<Future<?>> work = new ArrayList<>();
        for (int i = 0; i < keys; i++) {
            int key = i;
            writers.add(threads.submit(() -> {
                for (long version = 1; version <= VERSIONS; version++) {
                    through.put("k" + key, version);
                    acknowledged.set(key, version);
                }
                return null;
            }));
        }
        for (int t = 0; t < 3; t++) {
            Random random = new Random(t);
            work.add(threads.submit(() -> {
                while (!end.get()) {
                    int key = random.nextInt(keys);
                    long before = acknowledged.get(key);
                    assertThat(aside.get("k" + key).value().orElseThrow()).isGreaterThanOrEqualTo(before);
                }
            }));
        }
        work.add(threads.submit(() -> {
            Random random = new Random(99);
            while (!end.get()) {
                if (random.nextBoolean()) {
                    aside.refresh("k" + random.nextInt(keys));
                } else {
                    aside.invalidate("k" + random.nextInt(keys));
                }
            }
        }));
        for (Future<?> each : writers) {
            each.get(1, TimeUnit.MINUTES);
        }
        end.set(true);
        for (Future<?> each : work) {
            each.get(1, TimeUnit.MINUTES);
        }
        threads.shutdown();
        assertThat(acknowledged.get(0)).isEqualTo(VERSIONS);
    }
}
