package io.tsdash.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.TransientException;
import io.tsdash.time.ManualTime;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TwoLevelCacheTest {
    private static final Lifetime HOUR = Lifetime.of(Duration.ofHours(1));

    private final ManualTime time = new ManualTime(1_800_000_000_000_000_000L);
    private final AwayCache<String> shared = new AwayCache<>(Cache.inMemory(100, time));
    private final InProcessInvalidations news = new InProcessInvalidations();

    @Test
    void anotherNodesWriteIsSeenAtOnceByItsInvalidation() {
        TwoLevelCache<String> one = node(news);
        TwoLevelCache<String> two = node(news.node());
        one.put("k", entry("v"));
        assertThat(value(two)).contains("v");
        one.put("k", entry("w"));
        assertThat(value(two)).contains("w");
        two.remove("k");
        assertThat(value(one)).isEmpty();
    }

    @Test
    void aLostInvalidationLeavesAnOldCopyUntilTheLocalLifetimeEnds() {
        TwoLevelCache<String> reader = node(Invalidations.none());
        shared.put("k", entry("v"));
        assertThat(value(reader)).contains("v");
        shared.put("k", entry("w"));
        time.advance(Duration.ofSeconds(10).minusNanos(1));
        assertThat(value(reader)).contains("v");
        time.advance(Duration.ofNanos(1));
        assertThat(value(reader)).contains("w");
    }

    @Test
    void dropsTheWholeLocalTierAfterABrokenConnection() {
        TwoLevelCache<String> reader = node(news);
        shared.put("k", entry("v"));
        value(reader);
        shared.put("k", entry("w"));
        assertThat(value(reader)).contains("v");
        news.missed();
        assertThat(value(reader)).contains("w");
    }

    @Test
    void aCopyDoesNotOutliveItsEntryAndKeepsItsTimes() {
        TwoLevelCache<String> reader = node(news);
        CacheEntry<String> entry = CacheEntry.of("v", time.epochNanos(), Lifetime.of(Duration.ofSeconds(3)));
        shared.put("k", entry);
        assertThat(reader.get("k")).contains(entry);
        assertThat(reader.get("k")).contains(entry);
        time.advance(Duration.ofSeconds(3));
        assertThat(value(reader)).isEmpty();
    }

    @Test
    void doesNotKeepAnAnswerThatWasOvertaken() {
        Cache<String> slow = new Cache<>() {
            @Override
            public Map<String, CacheEntry<String>> getAll(Collection<String> keys) {
                Map<String, CacheEntry<String>> old = shared.getAll(keys);
                shared.put("k", entry("new"));
                news.changed(keys);
                return old;
            }

            @Override
            public void putAll(Map<String, CacheEntry<String>> entries) {
                shared.putAll(entries);
            }

            @Override
            public void removeAll(Collection<String> keys) {
                shared.removeAll(keys);
            }

            @Override
            public CacheLimits limits() {
                return shared.limits();
            }

            @Override
            public void close() {
                shared.close();
            }
        };
        shared.put("k", entry("old"));
        TwoLevelCache<String> reader = new TwoLevelCache<>(local(), slow, Duration.ofSeconds(10), news.node(), time);
        assertThat(value(reader)).contains("old"); // it was so when it was asked
        assertThat(value(reader)).contains("new");
    }

    @Test
    void givesOutWhatItHasWhileTheSharedTierIsAway() {
        TwoLevelCache<String> reader = node(news);
        shared.put("k", entry("v"));
        value(reader);
        shared.away = true;
        assertThat(value(reader)).contains("v");
        assertThatThrownBy(() -> reader.get("other")).isInstanceOf(TransientException.class);
        assertThatThrownBy(() -> reader.put("k", entry("w"))).isInstanceOf(TransientException.class);
        // It may have been written or not: the old copy is not for sure any more.
        assertThatThrownBy(() -> reader.get("k")).isInstanceOf(TransientException.class);
        shared.away = false;
        assertThat(value(reader)).contains("v");
    }

    @Test
    void aCopyStandsInWhileTheSharedTierIsAwayAndIsStaleOnceItsLocalLifetimeHasEnded() {
        TwoLevelCache<String> reader = standingIn();
        shared.put("k", entry("v"));
        value(reader);
        shared.away = true;
        time.advance(Duration.ofSeconds(10).minusNanos(1));
        assertThat(reader.get("k").orElseThrow().isStale(time.epochNanos())).isFalse();
        time.advance(Duration.ofNanos(1));
        assertThat(value(reader)).contains("v");
        assertThat(reader.get("k").orElseThrow().isStale(time.epochNanos())).isTrue();
        assertThat(reader.getAll(List.of("k"))).containsKey("k");
        assertThatThrownBy(() -> reader.getAll(List.of("k", "other")))
                .as("the other may be there")
                .isInstanceOf(TransientException.class);
        time.advance(Duration.ofMinutes(10).minusSeconds(10).minusNanos(1));
        assertThat(value(reader)).contains("v");
        time.advance(Duration.ofNanos(1));
        assertThatThrownBy(() -> reader.get("k")).isInstanceOf(TransientException.class);
    }

    @Test
    void whatCouldNotBePutIsAnsweredHereUntilTheSharedTierSaysOtherwise() {
        TwoLevelCache<String> cache = standingIn();
        cache.put("k", entry("v"));
        shared.away = true;
        assertThatThrownBy(() -> cache.put("k", entry("w"))).isInstanceOf(TransientException.class);
        assertThat(value(cache)).contains("w");
        time.advance(Duration.ofSeconds(10));
        assertThat(value(cache)).contains("w");
        shared.away = false;
        shared.put("k", entry("of another node"));
        assertThat(value(cache)).contains("of another node");
        time.advance(Duration.ofSeconds(10));
        shared.remove("k");
        assertThat(value(cache)).isEmpty();
        shared.away = true;
        assertThatThrownBy(() -> cache.get("k")).as("it is known to be gone").isInstanceOf(TransientException.class);
    }

    @Test
    void whatWasKeptWhileTheSharedTierWasAwayIsDroppedWhenItIsBack() {
        TwoLevelCache<String> cache = standingIn();
        cache.put("k", entry("v"));
        shared.away = true;
        assertThatThrownBy(() -> cache.put("k", entry("w"))).isInstanceOf(TransientException.class);
        shared.away = false;
        shared.put("k", entry("of another node"));
        news.missed();
        assertThat(value(cache)).contains("of another node");
    }

    @Test
    void aRemovalThatFailsLeavesNoCopy() {
        TwoLevelCache<String> cache = standingIn();
        cache.put("k", entry("v"));
        shared.away = true;
        assertThatThrownBy(() -> cache.remove("k")).isInstanceOf(TransientException.class);
        assertThatThrownBy(() -> cache.get("k")).isInstanceOf(TransientException.class);
    }

    @Test
    void aCacheAsideAsksItsLoaderOncePerLocalLifetimeWhileTheSharedTierIsAway() {
        AtomicInteger loads = new AtomicInteger();
        CachePolicy policy = CachePolicy.BARS_1M.withJitter(0);
        CacheLoader<String> loader = key -> {
            if (loads.incrementAndGet() > 3) {
                throw new TransientException("store away");
            }
            return Optional.of("v" + loads);
        };
        try (TwoLevelCache<String> cache = standingIn();
                CacheAside<String> aside =
                        CacheAside.of(cache, loader, policy).time(time).build()) {
            assertThat(aside.get("k").value()).contains("v1");
            shared.away = true;
            for (int second = 1; second < 30; second++) {
                time.advance(Duration.ofSeconds(1));
                String expected = "v" + (1 + second / 10);
                assertThat(aside.get("k")).satisfies(answer -> {
                    assertThat(answer.value()).contains(expected);
                    assertThat(answer.stale()).isFalse();
                });
            }
            time.advance(Duration.ofMinutes(9));
            assertThat(aside.get("k")).satisfies(answer -> {
                assertThat(answer.value()).contains("v3");
                assertThat(answer.stale()).isTrue();
            });
            time.advance(Duration.ofMinutes(2));
            assertThatThrownBy(() -> aside.get("k")).as("too old by its policy").hasMessageContaining("store away");
        }
    }

    @Test
    void whatIsTooLargeForTheLocalTierIsInTheSharedOne() {
        TwoLevelCache<String> cache = new TwoLevelCache<>(
                LocalCache.<String>builder()
                        .bytesMax(100)
                        .valueBytesMax(10)
                        .sizeOf(String::length)
                        .time(time)
                        .build(),
                shared,
                Duration.ofSeconds(10),
                news,
                time);
        cache.put("k", entry("x".repeat(50)));
        assertThat(value(cache)).contains("x".repeat(50));
    }

    @Test
    void refusesALocalLifetimeOfNothingAndContradictoryLimits() {
        assertThatThrownBy(() -> new TwoLevelCache<>(local(), shared, Duration.ZERO, news, time))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("localTtl was 'PT0S' but it must be longer than nothing");
        assertThatThrownBy(() ->
                        new TwoLevelCache<>(local(), shared, Duration.ofSeconds(10), Duration.ofSeconds(9), news, time))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("standIn was 'PT9S' but it must be zero, or from localTtl 'PT10S' to");
        assertThatThrownBy(() -> LocalCache.<String>builder()
                        .entriesMax(0)
                        .bytesMax(-1)
                        .valueBytesMax(10)
                        .build())
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems())
                                .hasSize(4)
                                .contains("entriesMax was '0' but it must be at least 1")
                                .contains("valueBytesMax was '10' but it must not exceed bytesMax '-1'"));
        assertThatThrownBy(() -> Cache.inMemory(0, time)).isInstanceOf(ConfigurationException.class);
    }

    private TwoLevelCache<String> node(Invalidations invalidations) {
        return new TwoLevelCache<>(local(), shared, Duration.ofSeconds(10), invalidations, time);
    }

    private TwoLevelCache<String> standingIn() {
        return new TwoLevelCache<>(local(), shared, Duration.ofSeconds(10), Duration.ofMinutes(10), news, time);
    }

    private LocalCache<String> local() {
        return LocalCache.<String>builder().entriesMax(100).time(time).build();
    }

    private Optional<String> value(Cache<String> cache) {
        return cache.get("k").flatMap(CacheEntry::value);
    }

    private CacheEntry<String> entry(String value) {
        return CacheEntry.of(value, time.epochNanos(), HOUR);
    }
}
