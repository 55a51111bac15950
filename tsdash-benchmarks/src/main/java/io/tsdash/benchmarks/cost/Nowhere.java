package io.tsdash.benchmarks.cost;

import io.tsdash.model.Bar;
import io.tsdash.model.Trade;
import io.tsdash.store.AppendResult;
import io.tsdash.store.ForwardingMarketStore;
import io.tsdash.store.MarketStore;
import java.util.List;
import java.util.concurrent.atomic.DoubleAdder;

/**
 * A store that reads every trade, as each has to, and keeps nothing, so that what stands before it is nearly all that costs.
 * Thread-safe.
 */
final class Nowhere extends ForwardingMarketStore {
    private final DoubleAdder volumes = new DoubleAdder();

    Nowhere() {
        super(MarketStore.inMemory());
    }

    @Override
    public AppendResult appendTrades(List<Trade> batch) {
        double sum = 0;
        for (Trade trade : batch) {
            sum += trade.volume();
        }
        volumes.add(sum);
        return new AppendResult(batch.size(), 0, 0);
    }

    @Override
    public void upsertBars(List<Bar> bars) {}
}
