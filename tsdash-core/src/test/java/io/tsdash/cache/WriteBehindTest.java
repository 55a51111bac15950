package io.tsdash.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.InvalidInputException;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.time.TimeSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class WriteBehindTest {
    private static final CachePolicy POLICY = CachePolicy.of("quotes", Duration.ofMinutes(1));
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    private final AwayCache<String> cache = new AwayCache<>(Cache.inMemory(1_000, TimeSource.system()));
    private final ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();
    private final FlakyTarget store = new FlakyTarget();

    /** A store that keeps each write, can be away, and refuses the value "poison". */
    private static final class FlakyTarget implements io.tsdash.batch.BatchTarget<KeyedValue<String>> {
        private final Map<String, List<String>> written = new ConcurrentHashMap<>();
        private volatile boolean away;
        private volatile int failEach = Integer.MAX_VALUE;
        private int calls;

        @Override
        public synchronized int write(List<KeyedValue<String>> batch) {
            if (away || ++calls % failEach == 0) {
                throw new TransientException("store away");
            }
            if (batch.stream().anyMatch(each -> each.value().equals("poison"))) {
                throw new InvalidInputException("poison");
            }
            batch.forEach(each -> written.computeIfAbsent(each.key(), key -> new ArrayList<>())
                    .add(each.value()));
            return 0;
        }
    }

    @Test
    void isInTheCacheAtOnceAndInTheStoreLaterInOrder() throws Exception {
        store.failEach = 3;
        try (WriteBehind<String> behind =
                to().lanes(3).batch(7).age(Duration.ofMillis(1)).start()) {
            for (int i = 0; i < 300; i++) {
                behind.put("k" + i % 5, "v" + i);
                assertThat(cache.get("k" + i % 5).flatMap(CacheEntry::value)).contains("v" + i);
            }
            assertThat(behind.flush(SOON)).isTrue();
            assertThat(behind.counts().retries()).isPositive();
        }
        for (int k = 0; k < 5; k++) {
            List<String> expected = new ArrayList<>();
            for (int i = k; i < 300; i += 5) {
                expected.add("v" + i);
            }
            assertThat(store.written.get("k" + k)).isEqualTo(expected);
        }
    }

    @Test
    void conflatesOnlyWhenDeclared() throws Exception {
        try (WriteBehind<String> behind =
                to().age(Duration.ofDays(1)).conflate().start()) {
            for (int i = 0; i < 100; i++) {
                behind.put("k" + i % 2, "v" + i);
            }
            assertThat(behind.counts().queued()).isEqualTo(2);
            assertThat(behind.counts().conflated()).isEqualTo(98);
        }
        assertThat(store.written).isEqualTo(Map.of("k0", List.of("v98"), "k1", List.of("v99")));
    }

    @Test
    void refusesInTimeWhatItHasNoRoomForAndTheCacheKeepsWhatItHad() throws Exception {
        store.away = true;
        try (WriteBehind<String> behind = to().batch(1)
                .capacity(3)
                .wait(Duration.ofMillis(50))
                .closeTimeout(Duration.ofMillis(100))
                .start()) {
            TransientException full = null;
            int taken = 0;
            while (full == null) {
                try {
                    behind.put("k", "v" + taken);
                    taken++;
                } catch (TransientException e) {
                    full = e;
                }
            }
            assertThat(taken).isBetween(3, 4); // three wait, and one may be under way
            assertThat(full).hasMessageContaining("no room for key 'k'").hasMessageContaining("3 wait");
            assertThat(cache.get("k").flatMap(CacheEntry::value)).contains("v" + (taken - 1));
        }
    }

    @Test
    void keepsOnDiskWhatTheStoreDoesNotTakeAndGoesOnAfterARestart() throws Exception {
        store.away = true;
        try (WriteBehind<String> behind = spilling().start()) {
            for (int i = 0; i < 100; i++) {
                behind.put("k", "v" + i);
            }
            assertThat(behind.flush(SOON)).isTrue();
            assertThat(behind.counts().onDisk()).isEqualTo(100);
        }
        store.away = false;
        try (WriteBehind<String> behind = spilling().start()) {
            Eventually.holds(() -> behind.counts().onDisk() == 0);
        }
        assertThat(store.written.get("k")).hasSize(100).startsWith("v0", "v1").endsWith("v99");
        assertThat(told).noneMatch(each -> each.startsWith("lost"));
    }

    @Test
    void setsAsideWhatTheStoreRefuses() throws Exception {
        try (WriteBehind<String> behind = spilling().start()) {
            behind.put("good", "v");
            behind.put("bad", "poison");
            behind.put("fine", "w");
            assertThat(behind.flush(SOON)).isTrue();
            assertThat(behind.counts().setAside()).isEqualTo(1);
        }
        assertThat(store.written).containsOnlyKeys("good", "fine");
        assertThat(told).contains("set aside bad: poison");
        assertThat(Files.readAllLines(folder.resolve(SetAsideValues.NAME))).containsExactly("bad\tcG9pc29u\tpoison");
    }

    @Test
    void aCacheThatIsAwayIsToldAndTheStoreGetsTheValue() throws Exception {
        cache.away = true;
        try (WriteBehind<String> behind = to().start()) {
            behind.put("k", "v");
        }
        assertThat(store.written).containsOnlyKeys("k");
        assertThat(told).containsExactly("cache k");
    }

    @Test
    void closeWritesWhatWaitsAndRefusesWhatComes() throws Exception {
        WriteBehind<String> behind = to().age(Duration.ofDays(1)).start();
        behind.put("k", "v");
        behind.close();
        behind.close();
        assertThat(store.written).containsOnlyKeys("k");
        assertThatThrownBy(() -> behind.put("k", "w"))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> to().capacity(0)
                        .lanes(0)
                        .batch(0)
                        .age(Duration.ofDays(-1))
                        .start())
                .isInstanceOf(ConfigurationException.class);
    }

    /** However many threads write: store and cache end with the same value of each key, and each writer's are in its order. */
    @Property(tries = 10)
    void storeAndCacheAgreeInTheEnd(
            @ForAll @IntRange(min = 1, max = 4) int lanes,
            @ForAll @IntRange(min = 1, max = 9) int batch,
            @ForAll boolean conflates)
            throws Exception {
        FlakyTarget target = new FlakyTarget();
        target.failEach = 20;
        Cache<String> shared = Cache.inMemory(100, TimeSource.system());
        WriteBehindBuilder<String> settings = WriteBehind.to(target, shared, POLICY)
                .lanes(lanes)
                .batch(batch)
                .capacity(64)
                .age(Duration.ofMillis(1));
        if (conflates) {
            settings.conflate();
        }
        try (WriteBehind<String> behind = settings.start()) {
            List<Thread> writers = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                String name = "t" + t + "-";
                Thread writer = new Thread(() -> {
                    try {
                        for (int i = 0; i < 100; i++) {
                            behind.put("k" + i % 3, name + (100 + i));
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
                writers.add(writer);
                writer.start();
            }
            for (Thread writer : writers) {
                writer.join();
            }
            assertThat(behind.flush(SOON)).isTrue();
            assertThat(behind.counts().accepted()).isEqualTo(400);
            assertThat(behind.counts().stored() + behind.counts().conflated()).isEqualTo(400);
        }
        target.written.forEach((key, values) -> {
            assertThat(shared.get(key).flatMap(CacheEntry::value)).contains(values.get(values.size() - 1));
            for (int t = 0; t < 4; t++) {
                String name = "t" + t + "-";
                assertThat(values.stream().filter(value -> value.startsWith(name)))
                        .isSorted();
            }
        });
    }

    private WriteBehindBuilder<String> to() {
        return WriteBehind.to(store, cache, POLICY).listener(new WriteBehindListener<>() {
            @Override
            public void onCacheFailed(String name, String key, RuntimeException cause) {
                told.add("cache " + key);
            }

            @Override
            public void onSetAside(String name, KeyedValue<String> item, RuntimeException reason) {
                told.add("set aside " + item.key() + ": " + reason.getMessage());
            }

            @Override
            public void onLost(String name, int items, RuntimeException cause) {
                told.add("lost " + items);
            }
        });
    }

    private WriteBehindBuilder<String> spilling() {
        return to().spill(folder, 1L << 30, CacheCodec.text())
                .retry(Duration.ZERO)
                .breaker(1_000, Duration.ofMillis(1));
    }
}
