package io.tsdash.benchmarks.cost;

import io.tsdash.model.Bar;
import io.tsdash.model.Trade;
import io.tsdash.store.AppendResult;
import io.tsdash.store.ForwardingMarketStore;
import io.tsdash.store.MarketStore;
import java.util.List;

/** A store that takes everything and keeps nothing, so that what stands before it is all that costs. Thread-safe. */
final class Nowhere extends ForwardingMarketStore {
    Nowhere() {
        super(MarketStore.inMemory());
    }

    @Override
    public AppendResult appendTrades(List<Trade> batch) {
        return new AppendResult(batch.size(), 0, 0);
    }

    @Override
    public void upsertBars(List<Bar> bars) {}
}
