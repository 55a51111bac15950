package io.tsdash.store;

import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Several stores as one, by kind of data; see {@link StoreRoutes}.
 *
 * <p>A write goes to all that are to have it, one after the other, and fails when one fails: trying again is safe.
 */
final class RoutedMarketStore extends ForwardingMarketStore {
    private final StoreRoutes routes;
    private final MarketStore trades;
    private final MarketStore bars;
    private final MarketStore precomputing;

    RoutedMarketStore(StoreRoutes routes) {
        super(routes.trades().get(0));
        this.routes = routes;
        trades = routes.trades().get(0);
        bars = routes.bars().get(0);
        precomputing = routes.trades().stream()
                .filter(store -> !store.capabilities().precomputed().isEmpty())
                .findFirst()
                .orElse(trades);
    }

    @Override
    public StoreCapabilities capabilities() {
        StoreCapabilities of = precomputing.capabilities();
        String name = all().stream()
                .map(store -> store.capabilities().name())
                .distinct()
                .collect(Collectors.joining("+"));
        return new StoreCapabilities(
                name,
                trades.capabilities().timePrecisionNanos(),
                all().stream().allMatch(store -> store.capabilities().durable()),
                of.precomputed(),
                of.precomputedAtOnce(),
                trades.capabilities().sharded(),
                routes.trades().stream().allMatch(store -> store.capabilities().sharedSymbols()),
                trades.capabilities().batch());
    }

    @Override
    public AppendResult appendTrades(List<Trade> batch) {
        List<AppendResult> results = new ArrayList<>();
        for (MarketStore store : routes.trades()) {
            results.add(store.appendTrades(batch));
        }
        return results.get(0);
    }

    @Override
    public void upsertBars(List<Bar> batch) {
        routes.bars().forEach(store -> store.upsertBars(batch));
    }

    @Override
    public List<Bar> bars(BarRange range) {
        return bars.bars(range);
    }

    @Override
    public List<Bar> precomputedBars(BarRange range) {
        return precomputing.precomputedBars(range);
    }

    @Override
    public void refreshBars() {
        routes.trades().forEach(MarketStore::refreshBars);
    }

    /** Of all stores together; empty when one of them does not tell. */
    @Override
    public OptionalLong storedBytes() {
        long bytes = 0;
        for (MarketStore store : all()) {
            OptionalLong of = store.storedBytes();
            if (of.isEmpty()) {
                return of;
            }
            bytes += of.getAsLong();
        }
        return OptionalLong.of(bytes);
    }

    /** Of the store that is nearest to its bound: a write waits for each of them. */
    @Override
    public Optional<PoolUse> poolUse() {
        return all().stream()
                .flatMap(store -> store.poolUse().stream())
                .max(Comparator.comparingDouble(use -> (double) use.inUse() / use.max()));
    }

    @Override
    public long deleteTradesBefore(long eventTimeNanos) {
        return routes.trades().stream()
                .map(store -> store.deleteTradesBefore(eventTimeNanos))
                .toList()
                .get(0);
    }

    @Override
    public long deleteBarsBefore(Interval interval, long closeTimeNanos) {
        return routes.bars().stream()
                .map(store -> store.deleteBarsBefore(interval, closeTimeNanos))
                .toList()
                .get(0);
    }

    @Override
    public void close() {
        RuntimeException failure = null;
        for (MarketStore store : all()) {
            try {
                store.close();
            } catch (RuntimeException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private Set<MarketStore> all() {
        Set<MarketStore> all = new LinkedHashSet<>(routes.trades());
        all.addAll(routes.bars());
        return all;
    }
}
