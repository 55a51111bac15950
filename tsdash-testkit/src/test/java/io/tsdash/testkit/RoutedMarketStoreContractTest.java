package io.tsdash.testkit;

import io.tsdash.store.MarketStore;
import io.tsdash.store.StoreRoutes;
import java.util.List;
import java.util.Optional;

/** Several stores that are one by kind of data: trades in two, bars in a third. */
class RoutedMarketStoreContractTest extends MarketStoreContract {
    @Override
    protected MarketStore newStore() {
        return new StoreRoutes(List.of(MarketStore.inMemory(), MarketStore.inMemory()), List.of(MarketStore.inMemory()))
                .asOne();
    }

    @Override
    protected MarketStore reopened(MarketStore closed) {
        throw new AssertionError("stores in memory are not durable and say so");
    }

    @Override
    public Optional<FaultProxy> wire() {
        return Optional.empty();
    }
}
