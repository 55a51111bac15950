package io.tsdash.benchmarks;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tsdash.cache.CacheAside;
import io.tsdash.cache.CacheEntry;
import io.tsdash.cache.CachePolicy;
import io.tsdash.cache.CachedValue;
import io.tsdash.cache.InProcessInvalidations;
import io.tsdash.cache.Lifetime;
import io.tsdash.cache.LocalCache;
import io.tsdash.cache.TwoLevelCache;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One hit among 1,024 keys: Caffeine with a time to live, used by hand, and what tsdash puts around it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class CacheBenchmark {
    private static final int KEYS = 1_024;
    private static final Lifetime DAY = Lifetime.of(Duration.ofDays(1));
    private static final TimeSource TIME = TimeSource.system();

    private final String[] keys = new String[KEYS];
    private final Cache<String, String> caffeine = Caffeine.newBuilder()
            .maximumSize(10_000)
            .expireAfterWrite(Duration.ofDays(1))
            .build();
    private final LocalCache<String> local = LocalCache.<String>builder().build();
    private final TwoLevelCache<String> twoLevels = new TwoLevelCache<>(
            LocalCache.<String>builder().build(),
            io.tsdash.cache.Cache.inMemory(10_000, TIME),
            Duration.ofHours(1),
            new InProcessInvalidations(),
            TIME);
    private final CacheAside<String> aside =
            CacheAside.of(local, Optional::of, CachePolicy.DAILY_CLOSES).build();

    /** The next key of each thread. */
    @State(Scope.Thread)
    public static class Turn {
        private int at;

        int next() {
            return at++ & (KEYS - 1);
        }
    }

    /** Fills all caches. */
    public CacheBenchmark() {
        for (int i = 0; i < KEYS; i++) {
            keys[i] = "last:S" + i;
            caffeine.put(keys[i], "150." + i);
            local.put(keys[i], CacheEntry.of("150." + i, TIME.epochNanos(), DAY));
            twoLevels.put(keys[i], CacheEntry.of("150." + i, TIME.epochNanos(), DAY));
        }
    }

    @Benchmark
    public @Nullable String caffeineByHand(Turn turn) {
        return caffeine.getIfPresent(keys[turn.next()]);
    }

    @Benchmark
    public Optional<CacheEntry<String>> local(Turn turn) {
        return local.get(keys[turn.next()]);
    }

    @Benchmark
    public Optional<CacheEntry<String>> twoLevels(Turn turn) {
        return twoLevels.get(keys[turn.next()]);
    }

    @Benchmark
    public CachedValue<String> cacheAside(Turn turn) {
        return aside.get(keys[turn.next()]);
    }
}
