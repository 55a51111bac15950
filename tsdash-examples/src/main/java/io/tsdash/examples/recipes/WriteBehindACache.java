package io.tsdash.examples.recipes;

import io.tsdash.cache.Cache;
import io.tsdash.cache.CacheCodec;
import io.tsdash.cache.CachePolicy;
import io.tsdash.cache.KeyedValue;
import io.tsdash.cache.LocalCache;
import io.tsdash.cache.WriteBehind;
import java.nio.file.Path;
import java.util.List;

/** Puts last prices into a cache at once, and the newest of each symbol into a store later. */
public final class WriteBehindACache {
    private WriteBehindACache() {}

    /** Writes three prices of two symbols; the only argument is a folder for what waits while the store is away. */
    public static void main(String[] args) throws InterruptedException {
        try (Cache<String> cache = LocalCache.<String>builder().build();
                WriteBehind<String> prices = WriteBehind.to(WriteBehindACache::store, cache, CachePolicy.LAST_PRICE)
                        .conflate()
                        .spill(Path.of(args[0]), 1L << 30, CacheCodec.text())
                        .start()) {
            prices.put("AAPL", "150.25");
            prices.put("MSFT", "402.5");
            prices.put("AAPL", "150.5");
            System.out.println(
                    "in the cache: " + cache.get("AAPL").orElseThrow().value().orElseThrow());
        }
    }

    /** Stands for a database; returns how many of these it had already. */
    private static int store(List<KeyedValue<String>> batch) {
        batch.forEach(each -> System.out.println("stored: " + each.key() + " " + each.value()));
        return 0;
    }
}
