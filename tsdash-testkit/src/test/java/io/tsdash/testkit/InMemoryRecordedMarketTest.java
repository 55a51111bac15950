package io.tsdash.testkit;

import io.tsdash.store.MarketStore;

class InMemoryRecordedMarketTest extends RecordedMarketContract {
    @Override
    protected MarketStore newStore() {
        return MarketStore.inMemory();
    }
}
