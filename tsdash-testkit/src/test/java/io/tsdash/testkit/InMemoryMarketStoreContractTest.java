package io.tsdash.testkit;

import io.tsdash.store.MarketStore;
import java.util.Optional;

class InMemoryMarketStoreContractTest extends MarketStoreContract {
    @Override
    protected MarketStore newStore() {
        return MarketStore.inMemory();
    }

    @Override
    protected MarketStore reopened(MarketStore closed) {
        throw new AssertionError("a store in memory is not durable and says so");
    }

    @Override
    public Optional<FaultProxy> wire() {
        return Optional.empty();
    }
}
