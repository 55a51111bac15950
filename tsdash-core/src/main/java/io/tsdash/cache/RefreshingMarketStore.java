package io.tsdash.cache;

import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.store.ForwardingMarketStore;
import io.tsdash.store.MarketStore;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * A store of bars that lets cached answers be found anew once a bar has closed, or was revised, and is written.
 *
 * <p>Only what is in the cache is asked for again, in the background. Thread-safe as its store is.
 */
public final class RefreshingMarketStore extends ForwardingMarketStore {
    private final Function<Bar, String> keyOf;
    private final CacheAside<?> cache;

    /**
     * @param store gets the calls
     * @param cache of answers from that store
     * @param keyOf the key of the answer that a bar changes, such as {@code bars:1m:AAPL}
     */
    public RefreshingMarketStore(MarketStore store, CacheAside<?> cache, Function<Bar, String> keyOf) {
        super(store);
        this.cache = cache;
        this.keyOf = keyOf;
    }

    @Override
    public void upsertBars(List<Bar> bars) {
        super.upsertBars(bars);
        Set<String> changed = new LinkedHashSet<>();
        for (Bar bar : bars) {
            if (bar.state() != BarState.OPEN) {
                changed.add(keyOf.apply(bar));
            }
        }
        changed.forEach(cache::refresh);
    }
}
