package io.tsdash.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tsdash.cache.Cache;
import io.tsdash.cache.CacheAside;
import io.tsdash.cache.CacheEntry;
import io.tsdash.cache.CachePolicy;
import io.tsdash.cache.Lifetime;
import io.tsdash.cache.WriteBehind;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.testkit.ManualTimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each count of a cache is another number here, so that none can stand in another's place. */
@Timeout(60)
class CacheMetricsTest {
    private static final CachePolicy POLICY =
            CachePolicy.of("names", Duration.ofSeconds(10)).withJitter(0).withOnError(Duration.ofSeconds(10));

    private final ManualTimeSource time = new ManualTimeSource(1_700_000_000_000_000_000L);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Meters meters = new MicrometerMeters(registry);
    private final Cache<String> kept = Cache.inMemory(100, time);
    private boolean away;

    @Test
    void ofACacheAsideHitStaleAndMissAreTold() {
        CacheMetrics metrics = new CacheMetrics(meters);
        try (CacheAside<String> names = CacheAside.of(kept, this::lookUp, POLICY)
                .time(time)
                .listener(metrics)
                .build()) {
            metrics.read(meters, names);
            for (String key : List.of("a", "b", "c", "d", "e")) {
                names.get(key);
            }
            names.get("a");
            time.advance(Duration.ofSeconds(11));
            away = true;
            for (String key : List.of("a", "b", "c")) {
                names.get(key);
            }
            assertThat(requests("names", "hit")).isEqualTo(1);
            assertThat(requests("names", "stale")).isEqualTo(3);
            assertThat(requests("names", "miss")).isEqualTo(5);
        }
    }

    @Test
    void ofACacheThatIsReadAsItIsTheyAreToldToo() {
        MeteredCache<String> prices = new MeteredCache<>("prices", kept, meters, time);
        prices.put("a", entry());
        prices.get("a");
        time.advance(Duration.ofSeconds(11));
        prices.get("a");
        prices.getAll(List.of("a", "b", "c", "d"));
        prices.get("a");
        prices.get("e");
        prices.get("f");
        assertThat(requests("prices", "hit")).isEqualTo(1);
        assertThat(requests("prices", "stale")).isEqualTo(3);
        assertThat(requests("prices", "miss")).isEqualTo(5);
        assertThat(failures()).isZero();

        prices.close();
        assertThatThrownBy(() -> prices.get("a")).isInstanceOf(PermanentException.class);
        assertThatThrownBy(() -> prices.put("a", entry())).isInstanceOf(PermanentException.class);
        assertThat(requests("prices", "miss"))
                .as("what is not answered is missed")
                .isEqualTo(6);
        assertThat(failures()).isEqualTo(2);
    }

    @Test
    void ofWhatGoesToItsStoreBehindACacheItsEndsAreTold() throws Exception {
        try (WriteBehind<String> behind = WriteBehind.to(
                        batch -> {
                            if (away) {
                                throw new PermanentException("gone");
                            }
                            return 0;
                        },
                        kept,
                        POLICY)
                .conflate()
                .age(Duration.ofDays(1))
                .time(time)
                .start()) {
            CacheMetrics.read(meters, "names", behind);
            for (String key : List.of("a", "a", "a", "b", "c", "d")) {
                behind.put(key, "x");
            }
            assertThat(registry.get("tsdash.cache.behind.waiting")
                            .tags("cache", "names", "place", "memory")
                            .gauge()
                            .value())
                    .isEqualTo(4);
            assertThat(behind.flush(Duration.ofDays(1))).isTrue();
            away = true;
            behind.put("e", "x");
            assertThat(behind.flush(Duration.ofDays(1))).isTrue();
        }
        assertThat(behind("stored")).isEqualTo(4);
        assertThat(behind("conflated")).isEqualTo(2);
        assertThat(behind("lost")).isEqualTo(1);
        assertThat(behind("spilled")).isZero();
    }

    private Optional<String> lookUp(String key) {
        if (away) {
            throw new TransientException("away");
        }
        return Optional.of(key);
    }

    private CacheEntry<String> entry() {
        return CacheEntry.of("x", time.epochNanos(), new Lifetime(Duration.ofSeconds(10), Duration.ofSeconds(10)));
    }

    private double requests(String kind, String result) {
        return registry.get("tsdash.cache.requests")
                .tags(Tags.of("cache", kind, "result", result))
                .functionCounter()
                .count();
    }

    private double failures() {
        return registry.get("tsdash.cache.failures")
                .tags("cache", "prices")
                .functionCounter()
                .count();
    }

    private double behind(String outcome) {
        return registry.get("tsdash.cache.behind")
                .tags("cache", "names", "outcome", outcome)
                .functionCounter()
                .count();
    }
}
