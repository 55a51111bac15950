package io.tsdash.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.cache.Cache;
import io.tsdash.cache.CacheEntry;
import io.tsdash.cache.CacheKeys;
import io.tsdash.cache.Lifetime;
import io.tsdash.error.InvalidInputException;
import io.tsdash.error.PermanentException;
import io.tsdash.time.TimeSource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The rules of {@link Cache} as tests: extend it and say how a cache of text, measured in bytes of UTF-8, is made.
 *
 * <p>The number in a test's name is that of its rule. A cache without limits of its own says so, and the test of the rule checks
 * that. What a server and the way to it ask for is in {@link RemoteCacheContract}.
 */
@Timeout(60)
public abstract class CacheContract {
    private static final long START_NANOS = 1_800_000_000_000_000_000L;
    private static final Lifetime MINUTE = new Lifetime(Duration.ofSeconds(20), Duration.ofSeconds(40));

    private ManualTimeSource time;
    private Cache<String> cache;

    /** For subclasses. */
    protected CacheContract() {}

    /** Returns a new, empty cache that goes by these clocks. */
    protected abstract Cache<String> newCache(TimeSource clocks);

    @BeforeEach
    void open() {
        time = new ManualTimeSource(START_NANOS);
        cache = newCache(time);
    }

    @AfterEach
    void close() {
        cache.close();
    }

    @Test
    @DisplayName("C1 what was put comes back, with its times")
    void givesBackWhatWasPut() {
        CacheEntry<String> first = new CacheEntry<>(
                Optional.of("¥ 150.25\n"), START_NANOS - 7, START_NANOS + 1, START_NANOS + 10_000_000_019L);
        cache.put("last:AAPL", first);
        assertThat(cache.get("last:AAPL")).contains(first);
        CacheEntry<String> second = entry("");
        cache.put("last:AAPL", second);
        assertThat(cache.get("last:AAPL")).contains(second);
        assertThat(cache.get("last:MSFT")).isEmpty();
        assertThat(cache.get("last:aapl")).isEmpty();
    }

    @Test
    @DisplayName("C2 an entry goes stale, then it is gone")
    void expires() {
        cache.put("k", entry("v"));
        time.advance(Duration.ofSeconds(20).minusNanos(1));
        assertThat(cache.get("k"))
                .hasValueSatisfying(
                        entry -> assertThat(entry.isStale(time.epochNanos())).isFalse());
        time.advance(Duration.ofNanos(1));
        assertThat(cache.get("k")).hasValueSatisfying(entry -> {
            assertThat(entry.isStale(time.epochNanos())).isTrue();
            assertThat(entry.ageNanos(time.epochNanos())).isEqualTo(20_000_000_000L);
        });
        time.advance(Duration.ofSeconds(40).minusNanos(1));
        assertThat(cache.get("k")).isPresent();
        time.advance(Duration.ofNanos(1));
        assertThat(cache.get("k")).isEmpty();
        assertThat(cache.getAll(List.of("k"))).isEmpty();
    }

    @Test
    @DisplayName("C2 a new entry has a new lifetime")
    void renews() {
        cache.put("k", entry("v"));
        time.advance(Duration.ofSeconds(59));
        cache.put("k", entry("w"));
        time.advance(Duration.ofSeconds(59));
        assertThat(value("k")).contains("w");
    }

    @Test
    @DisplayName("C3 that there is nothing is kept too")
    void keepsThatThereIsNothing() {
        CacheEntry<String> nothing = CacheEntry.of(Optional.empty(), time.epochNanos(), MINUTE);
        cache.put("k", nothing);
        assertThat(cache.get("k")).contains(nothing);
    }

    @Test
    @DisplayName("C4 several keys are as each alone")
    void takesSeveralKeys() {
        Map<String, CacheEntry<String>> entries = new HashMap<>();
        IntStream.range(0, 300).forEach(i -> entries.put("k" + i, entry("v" + i)));
        cache.putAll(entries);
        assertThat(cache.get("k299")).contains(entries.get("k299"));
        List<String> asked = new ArrayList<>(entries.keySet());
        asked.add("k0");
        asked.add("unknown");
        assertThat(cache.getAll(asked)).isEqualTo(entries);
        cache.removeAll(List.of("k0", "k1", "unknown", "k1"));
        assertThat(cache.getAll(List.of("k0", "k1", "k2"))).containsOnlyKeys("k2");
        cache.putAll(Map.of());
        cache.removeAll(List.of());
        assertThat(cache.getAll(List.of())).isEmpty();
    }

    @Test
    @DisplayName("C5 what was removed is gone")
    void removes() {
        cache.put("k", entry("v"));
        cache.remove("k");
        assertThat(cache.get("k")).isEmpty();
        cache.remove("k");
    }

    @Test
    @DisplayName("C6 keys that are empty, too long, or have control characters are refused, and nothing is done")
    void refusesKeys() {
        cache.put("good", entry("v"));
        Map<String, String> wrong = Map.of(
                "",
                "has 0 bytes but it must have from 1 to 512",
                "x".repeat(CacheKeys.BYTES_MAX + 1),
                "has 513 bytes but",
                "é".repeat(CacheKeys.BYTES_MAX / 2 + 1),
                "has 514 bytes but",
                "a\nb",
                "key 'a?b' has the control character 10 at 1",
                "a\u0000",
                "has the control character 0",
                "\u007f",
                "has the control character 127",
                "a\ud800b",
                "has half of a character at 1");
        wrong.forEach((key, message) -> {
            List<Runnable> calls = List.of(
                    () -> cache.get(key),
                    () -> cache.put(key, entry("v")),
                    () -> cache.remove(key),
                    () -> cache.getAll(List.of("good", key)),
                    () -> cache.putAll(Map.of("good", entry("w"), key, entry("v"))),
                    () -> cache.removeAll(List.of("good", key)));
            for (Runnable call : calls) {
                assertThatThrownBy(call::run)
                        .isInstanceOf(InvalidInputException.class)
                        .hasMessageContaining(message);
            }
        });
        assertThat(value("good")).contains("v");
        for (String key : List.of("x".repeat(CacheKeys.BYTES_MAX), "a b:{c}*?", "𝄞", "é")) {
            cache.put(key, entry(key));
            assertThat(value(key)).contains(key);
        }
    }

    @Test
    @DisplayName("C7 a value that is too large is refused, and nothing is done")
    void refusesValuesThatAreTooLarge() {
        int max = cache.limits().valueBytesMax();
        if (max == Integer.MAX_VALUE) {
            return; // as large as it likes
        }
        cache.put("good", entry("v"));
        String tooLarge = "x".repeat(max + 1);
        List<Runnable> calls = List.of(
                () -> cache.put("k", entry(tooLarge)),
                () -> cache.putAll(Map.of("good", entry("w"), "k", entry(tooLarge))));
        for (Runnable call : calls) {
            assertThatThrownBy(call::run)
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining(
                            "value of key 'k' has " + (max + 1) + " bytes but it must have at most " + max);
        }
        assertThat(value("good")).contains("v");
        assertThat(cache.get("k")).isEmpty();
        cache.put("k", entry("x".repeat(max)));
        assertThat(value("k")).hasValueSatisfying(value -> assertThat(value).hasSize(max));
    }

    @Test
    @DisplayName("C8 it keeps no more than its limits")
    void keepsItsLimits() {
        long entriesMax = cache.limits().entriesMax();
        long bytesMax = cache.limits().bytesMax();
        if (entriesMax == Long.MAX_VALUE) {
            assertThat(bytesMax).as("what it does not count").isEqualTo(Long.MAX_VALUE);
            return;
        }
        List<String> keys = new ArrayList<>();
        String value = "v".repeat((int)
                Math.min(1_000, Math.min(bytesMax, cache.limits().valueBytesMax()) / 4));
        for (int i = 0; i < 2 * entriesMax; i++) {
            keys.add("key-" + i);
            cache.put("key-" + i, entry(value));
        }
        Map<String, CacheEntry<String>> kept = cache.getAll(keys);
        assertThat((long) kept.size()).isBetween(1L, entriesMax);
        long bytes = kept.entrySet().stream()
                .mapToLong(each -> each.getKey().length()
                        + each.getValue().value().orElseThrow().getBytes(StandardCharsets.UTF_8).length)
                .sum();
        assertThat(bytes).isLessThanOrEqualTo(bytesMax);
    }

    @Test
    @DisplayName("C9 to put what has expired is to remove the key")
    void doesNotKeepWhatHasExpired() {
        cache.put("k", entry("v"));
        CacheEntry<String> old = entry("w");
        time.advance(Duration.ofSeconds(60));
        cache.put("k", entry("x"));
        cache.put("k", old);
        assertThat(cache.get("k")).isEmpty();
    }

    @Test
    @DisplayName("C11 a call after close is refused, and closing twice is no error")
    void refusesCallsAfterClose() {
        cache.put("k", entry("v"));
        cache.close();
        cache.close();
        List<Runnable> calls = List.of(
                () -> cache.get("k"),
                () -> cache.put("k", entry("v")),
                () -> cache.remove("k"),
                () -> cache.getAll(List.of("k")),
                () -> cache.putAll(Map.of("k", entry("v"))),
                () -> cache.removeAll(List.of("k")));
        for (Runnable call : calls) {
            assertThatThrownBy(call::run).isInstanceOf(PermanentException.class).hasMessageContaining("closed");
        }
    }

    @Test
    @DisplayName("C12 calls at the same time see whole entries")
    void seesWholeEntries() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<?>> work = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            String name = "t" + t;
            work.add(threads.submit(() -> {
                for (int i = 0; i < 500; i++) {
                    String key = "k" + i % 3;
                    cache.put(key, entry((name + "-" + i + ";").repeat(50)));
                    cache.get(key).ifPresent(entry -> {
                        String[] parts = entry.value().orElseThrow().split(";", -1);
                        assertThat(parts).hasSize(51);
                        assertThat(parts[49]).isEqualTo(parts[0]);
                    });
                    if (i % 10 == 0) {
                        cache.remove(key);
                    }
                }
            }));
        }
        threads.shutdown();
        for (Future<?> each : work) {
            each.get(30, TimeUnit.SECONDS);
        }
    }

    Cache<String> cache() {
        return cache;
    }

    Optional<String> value(String key) {
        return cache.get(key).flatMap(CacheEntry::value);
    }

    CacheEntry<String> entry(String value) {
        return CacheEntry.of(value, time.epochNanos(), MINUTE);
    }
}
