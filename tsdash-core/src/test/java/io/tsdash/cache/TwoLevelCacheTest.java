package io.tsdash.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.TransientException;
import io.tsdash.time.ManualTime;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
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
