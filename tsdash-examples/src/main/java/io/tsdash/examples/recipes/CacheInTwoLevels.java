package io.tsdash.examples.recipes;

import io.tsdash.cache.CacheAside;
import io.tsdash.cache.CacheCodec;
import io.tsdash.cache.CachePolicy;
import io.tsdash.cache.LocalCache;
import io.tsdash.cache.TwoLevelCache;
import io.tsdash.redis.RedisCache;
import io.tsdash.redis.RedisConnection;
import io.tsdash.redis.RedisInvalidations;
import io.tsdash.redis.RedisListener;
import io.tsdash.redis.RedisOptions;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.Optional;

/** Answers from this process, else from a Redis that all nodes share, else from where the value comes from. */
public final class CacheInTwoLevels {
    private CacheInTwoLevels() {}

    /** Asks twice for one name; the only argument is the address of a Redis, such as {@code redis://localhost}. */
    public static void main(String[] args) {
        TimeSource time = TimeSource.system();
        try (RedisConnection redis =
                        RedisConnection.open(RedisOptions.at(args[0]).build(), RedisListener.NONE);
                RedisInvalidations news = RedisInvalidations.open(redis, "tsdash:names:");
                TwoLevelCache<String> cache = new TwoLevelCache<>(
                        LocalCache.<String>builder().entriesMax(10_000).build(),
                        RedisCache.on(redis, "tsdash:names:", CacheCodec.text()).open(),
                        Duration.ofMinutes(1),
                        Duration.ofDays(14),
                        news,
                        time);
                CacheAside<String> names = CacheAside.of(cache, CacheInTwoLevels::lookUp, CachePolicy.REFERENCE_DATA)
                        .build()) {
            names.invalidate("AAPL");
            System.out.println(names.get("AAPL").value().orElseThrow());
            System.out.println(names.get("AAPL").value().orElseThrow());
            System.out.println(names.counts().hits() + " of 2 from the cache");
        }
    }

    /** Stands for a database. */
    private static Optional<String> lookUp(String symbol) {
        System.out.println("looks " + symbol + " up");
        return symbol.equals("AAPL") ? Optional.of("Apple Inc.") : Optional.empty();
    }
}
