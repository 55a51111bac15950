package io.tsdash.cache;

import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.store.BarRange;
import io.tsdash.store.ForwardingMarketStore;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The newest bars of symbols, which charts ask for over and over: out of a cache by {@link CachePolicy} for bars of a minute and
 * longer, found anew as a bar closes; out of the store for shorter ones. While the store is away the last answer stands, marked
 * stale. Thread-safe.
 */
public final class NewestBars implements AutoCloseable {
    /** So many bars are kept of each symbol and interval; who asks for more is answered by the store. */
    public static final int BARS_MAX = 1_000;

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);
    private static final Duration DAY = Duration.ofDays(1);

    private final MarketStore store;
    private final CacheAside<List<Bar>> minutes;
    private final CacheAside<List<Bar>> longer;
    private final CacheAside<List<Bar>> days;

    /**
     * @param store answers what is not in the cache; stays the caller's to close, after this
     * @param cache keeps answers; stays the caller's to close, after this
     * @param listener hears of what goes wrong
     * @param time the clocks
     */
    public NewestBars(MarketStore store, Cache<List<Bar>> cache, CacheAsideListener listener, TimeSource time) {
        this.store = store;
        this.minutes = aside(cache, CachePolicy.BARS_1M, listener, time);
        this.longer = aside(cache, CachePolicy.BARS_5M, listener, time);
        this.days = aside(cache, CachePolicy.DAILY_CLOSES, listener, time);
    }

    /**
     * Returns the newest bars in order of open time.
     *
     * @param limit how many at most
     * @throws io.tsdash.error.TsdashException if they are in no cache and the store does not answer
     */
    public CachedValue<List<Bar>> newest(String symbol, Interval interval, int limit) {
        Optional<CacheAside<List<Bar>>> aside = limit > BARS_MAX ? Optional.empty() : aside(interval);
        if (aside.isEmpty()) {
            return new CachedValue<>(Optional.of(store.bars(range(symbol, interval, limit))), 0, false);
        }
        CachedValue<List<Bar>> found = aside.get().get(key(symbol, interval));
        return new CachedValue<>(
                found.value().map(bars -> bars.subList(Math.max(0, bars.size() - limit), bars.size())),
                found.ageNanos(),
                found.stale());
    }

    /** Returns a store whose writes have what is cached found anew; for whoever writes bars. */
    public MarketStore refreshedBy(MarketStore writes) {
        return new ForwardingMarketStore(writes) {
            @Override
            public void upsertBars(List<Bar> bars) {
                super.upsertBars(bars);
                refresh(bars);
            }
        };
    }

    /** Returns how often each kind was asked for and found, by the kind of its policy. */
    public List<CacheAside<List<Bar>>> kinds() {
        return List.of(minutes, longer, days);
    }

    @Override
    public void close() {
        kinds().forEach(CacheAside::close);
    }

    private void refresh(List<Bar> bars) {
        Set<String> done = new LinkedHashSet<>();
        for (Bar bar : bars) {
            String key = key(bar.symbol(), bar.interval());
            if (bar.state() != BarState.OPEN && done.add(key)) {
                aside(bar.interval()).ifPresent(aside -> aside.refresh(key));
            }
        }
    }

    private Optional<CacheAside<List<Bar>>> aside(Interval interval) {
        Duration size = interval.size();
        if (size.compareTo(MINUTE) < 0) {
            return Optional.empty();
        }
        return Optional.of(size.compareTo(FIVE_MINUTES) < 0 ? minutes : size.compareTo(DAY) < 0 ? longer : days);
    }

    private CacheAside<List<Bar>> aside(
            Cache<List<Bar>> cache, CachePolicy policy, CacheAsideListener listener, TimeSource time) {
        return CacheAside.of(cache, this::load, policy)
                .listener(listener)
                .time(time)
                .build();
    }

    private Optional<List<Bar>> load(String key) {
        int end = key.indexOf(':');
        Interval interval = Interval.parse(key.substring(0, end));
        return Optional.of(store.bars(range(key.substring(end + 1), interval, BARS_MAX)));
    }

    private static BarRange range(String symbol, Interval interval, int limit) {
        return new BarRange(symbol, interval, 0, Long.MAX_VALUE, limit, true);
    }

    private static String key(String symbol, Interval interval) {
        return interval.text() + ':' + symbol;
    }
}
