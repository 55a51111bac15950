package io.tsdash.testkit;

import io.tsdash.cache.Cache;
import io.tsdash.cache.InProcessInvalidations;
import io.tsdash.cache.LocalCache;
import io.tsdash.cache.TwoLevelCache;
import io.tsdash.time.TimeSource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Nested;

/** The caches of core, held to the contract. */
class LocalCachesContractTest {
    private static final int ENTRIES_MAX = 500;

    @Nested
    class InMemory extends CacheContract {
        @Override
        protected Cache<String> newCache(TimeSource clocks) {
            return Cache.inMemory(ENTRIES_MAX, clocks);
        }
    }

    @Nested
    class Local extends CacheContract {
        @Override
        protected Cache<String> newCache(TimeSource clocks) {
            return local(clocks);
        }
    }

    @Nested
    class LocalByEntries extends CacheContract {
        @Override
        protected Cache<String> newCache(TimeSource clocks) {
            return LocalCache.<String>builder()
                    .entriesMax(ENTRIES_MAX)
                    .time(clocks)
                    .build();
        }
    }

    @Nested
    class TwoLevels extends CacheContract {
        @Override
        protected Cache<String> newCache(TimeSource clocks) {
            return new TwoLevelCache<>(
                    local(clocks),
                    Cache.inMemory(ENTRIES_MAX, clocks),
                    Duration.ofSeconds(30),
                    new InProcessInvalidations(),
                    clocks);
        }
    }

    private static LocalCache<String> local(TimeSource clocks) {
        return LocalCache.<String>builder()
                .entriesMax(ENTRIES_MAX)
                .bytesMax(200_000)
                .valueBytesMax(10_000)
                .sizeOf(value -> value.getBytes(StandardCharsets.UTF_8).length)
                .time(clocks)
                .build();
    }
}
