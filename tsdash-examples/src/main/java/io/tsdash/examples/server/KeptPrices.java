package io.tsdash.examples.server;

import io.tsdash.cache.Cache;
import io.tsdash.cache.CacheEntry;
import io.tsdash.cache.CachePolicy;
import io.tsdash.cache.Lifetime;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.LatestPrices;
import io.tsdash.error.TsdashException;
import io.tsdash.model.PriceUpdate;
import io.tsdash.resilience.Dated;
import io.tsdash.resilience.FallbackSource;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps live prices in a cache, those that changed each second, for servers whose own feed is not live. Thread-safe. */
final class KeptPrices implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KeptPrices.class);
    private static final Duration HUB_MAX = Duration.ofMillis(500);

    private final Hub hub;
    private final Cache<PriceUpdate> cache;
    private final TimeSource time;
    private final Lifetime lifetime = CachePolicy.LAST_PRICE.lifetime(0);
    private final Map<String, PriceUpdate> kept = new HashMap<>(); // by its thread only
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "tsdash-kept-prices");
        made.setDaemon(true);
        return made;
    });

    KeptPrices(Hub hub, Cache<PriceUpdate> cache, TimeSource time) {
        this.hub = hub;
        this.cache = cache;
        this.time = time;
    }

    /** Begins to keep them. */
    @SuppressWarnings("FutureReturnValueIgnored") // a turn catches what goes wrong in it
    void start() {
        thread.scheduleWithFixedDelay(this::keep, 1, 1, TimeUnit.SECONDS);
    }

    /** Returns the price that was kept, by whichever server. */
    FallbackSource<String, PriceUpdate> source() {
        return symbol ->
                cache.get(symbol).flatMap(CacheEntry::value).map(price -> new Dated<>(price, price.eventTimeNanos()));
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    private void keep() {
        try {
            long now = time.epochNanos();
            Map<String, CacheEntry<PriceUpdate>> changed = new HashMap<>();
            for (PriceUpdate price : LatestPrices.allLive(hub, HUB_MAX)) {
                if (!price.equals(kept.put(price.symbol(), price))) {
                    changed.put(price.symbol(), CacheEntry.of(price, now, lifetime));
                }
            }
            if (!changed.isEmpty()) {
                cache.putAll(changed);
            }
        } catch (TsdashException | TimeoutException e) {
            LOG.debug("prices are not kept this second: {}", e.getMessage());
            kept.clear(); // all of them the next time
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("prices cannot be kept", e);
        }
    }
}
