package io.tsdash.examples.server;

import io.tsdash.cache.Cache;
import io.tsdash.cache.CacheEntry;
import io.tsdash.cache.CachePolicy;
import io.tsdash.cache.KeyedValue;
import io.tsdash.cache.Lifetime;
import io.tsdash.cache.WriteBehind;
import io.tsdash.cache.WriteBehindListener;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.LatestPrices;
import io.tsdash.error.TransientException;
import io.tsdash.error.TsdashException;
import io.tsdash.model.PriceUpdate;
import io.tsdash.resilience.Dated;
import io.tsdash.resilience.FallbackSource;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps live prices, those that changed each second, for servers whose own feed is not live: in a cache here, and behind that in the
 * one that servers share. While that is away the newest price of each symbol waits, and what was last seen of it answers. Thread-safe.
 */
final class KeptPrices implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KeptPrices.class);
    private static final Duration HUB_MAX = Duration.ofMillis(500);
    /** As long as a price is fresh; what is lost after that is put again. */
    private static final Duration RETRY_MAX = CachePolicy.LAST_PRICE.fresh();

    private static final Lifetime LIFETIME = CachePolicy.LAST_PRICE.lifetime(0);
    private static final int BREAKER_FAILURES = 5;
    private static final Duration BREAKER_PAUSE_MAX = Duration.ofSeconds(1);
    private static final Duration CLOSE_MAX = Duration.ofMillis(500);

    private final Hub hub;
    private final Cache<PriceUpdate> own;
    private final Cache<PriceUpdate> shared;
    private final TimeSource time;
    private final WriteBehind<PriceUpdate> behind;
    private final Map<String, PriceUpdate> kept = new HashMap<>(); // by its thread only
    private long lost; // likewise
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "tsdash-kept-prices");
        made.setDaemon(true);
        return made;
    });

    /**
     * @param own a cache of this server
     * @param shared that of all servers; where there is none, the same
     * @param symbolsMax how many prices may wait for it
     * @param listener hears what becomes of them
     */
    KeptPrices(
            Hub hub,
            Cache<PriceUpdate> own,
            Cache<PriceUpdate> shared,
            int symbolsMax,
            WriteBehindListener<PriceUpdate> listener,
            TimeSource time) {
        this.hub = hub;
        this.own = own;
        this.shared = shared;
        this.time = time;
        behind = WriteBehind.to(this::share, own, CachePolicy.LAST_PRICE)
                .conflate()
                .capacity(symbolsMax)
                .wait(Duration.ZERO)
                .retry(RETRY_MAX)
                .breaker(BREAKER_FAILURES, BREAKER_PAUSE_MAX)
                .closeTimeout(CLOSE_MAX)
                .listener(listener)
                .time(time)
                .start();
    }

    /** Begins to keep them. */
    @SuppressWarnings("FutureReturnValueIgnored") // a turn catches what goes wrong in it
    void start() {
        thread.scheduleWithFixedDelay(this::keep, 1, 1, TimeUnit.SECONDS);
    }

    /** Returns the price that was kept, by whichever server; by this one while the shared cache is away. */
    FallbackSource<String, PriceUpdate> source() {
        return symbol ->
                find(symbol).flatMap(CacheEntry::value).map(price -> new Dated<>(price, price.eventTimeNanos()));
    }

    /** Returns the prices on their way. */
    WriteBehind<PriceUpdate> behind() {
        return behind;
    }

    /** What waits is shared, if that can be done soon. */
    @Override
    public void close() {
        thread.shutdownNow();
        behind.close();
    }

    private Optional<CacheEntry<PriceUpdate>> find(String symbol) {
        try {
            Optional<CacheEntry<PriceUpdate>> found = shared.get(symbol);
            found.filter(entry -> isNews(symbol, entry)).ifPresent(entry -> own.put(symbol, entry));
            return found;
        } catch (TransientException e) {
            Optional<CacheEntry<PriceUpdate>> found = own.get(symbol);
            if (found.isEmpty()) {
                throw e;
            }
            return found;
        }
    }

    /** Returns whether what another server has put is to be known here when the shared cache is away. */
    private boolean isNews(String symbol, CacheEntry<PriceUpdate> entry) {
        return own.get(symbol)
                .filter(known -> known.writtenNanos() >= entry.writtenNanos())
                .isEmpty();
    }

    private void keep() {
        try {
            if (behind.counts().lost() > lost) {
                lost = behind.counts().lost();
                kept.clear(); // all of them again
            }
            for (PriceUpdate price : LatestPrices.allLive(hub, HUB_MAX)) {
                if (!price.equals(kept.get(price.symbol()))) {
                    behind.put(price.symbol(), price);
                    kept.put(price.symbol(), price);
                }
            }
        } catch (TsdashException | TimeoutException e) {
            LOG.debug("the other prices are not kept this second: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("prices cannot be kept", e);
        }
    }

    private int share(List<KeyedValue<PriceUpdate>> prices) {
        long now = time.epochNanos();
        Map<String, CacheEntry<PriceUpdate>> entries = new HashMap<>();
        prices.forEach(each -> entries.put(each.key(), CacheEntry.of(each.value(), now, LIFETIME)));
        shared.putAll(entries);
        return 0;
    }
}
