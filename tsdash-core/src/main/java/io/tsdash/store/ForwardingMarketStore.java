package io.tsdash.store;

import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** A store that hands every call on to another: for those that change some of them. Thread-safe as the other is. */
public abstract class ForwardingMarketStore implements MarketStore {
    private final MarketStore store;

    /** @param store gets the calls */
    protected ForwardingMarketStore(MarketStore store) {
        this.store = store;
    }

    @Override
    public StoreCapabilities capabilities() {
        return store.capabilities();
    }

    @Override
    public AppendResult appendTrades(List<Trade> batch) {
        return store.appendTrades(batch);
    }

    @Override
    public void upsertBars(List<Bar> bars) {
        store.upsertBars(bars);
    }

    @Override
    public long trades(TradeRange range, Consumer<? super Trade> consumer) {
        return store.trades(range, consumer);
    }

    @Override
    public List<Bar> bars(BarRange range) {
        return store.bars(range);
    }

    @Override
    public List<Bar> barsOnDemand(BarRange range) {
        return store.barsOnDemand(range);
    }

    @Override
    public List<Bar> precomputedBars(BarRange range) {
        return store.precomputedBars(range);
    }

    @Override
    public void refreshBars() {
        store.refreshBars();
    }

    @Override
    public Optional<Trade> lastTrade(String symbol) {
        return store.lastTrade(symbol);
    }

    @Override
    public List<String> symbols() {
        return store.symbols();
    }

    @Override
    public long tradeCount() {
        return store.tradeCount();
    }

    @Override
    public OptionalLong storedBytes() {
        return store.storedBytes();
    }

    @Override
    public Optional<PoolUse> poolUse() {
        return store.poolUse();
    }

    @Override
    public long deleteTradesBefore(long eventTimeNanos) {
        return store.deleteTradesBefore(eventTimeNanos);
    }

    @Override
    public long deleteBarsBefore(Interval interval, long closeTimeNanos) {
        return store.deleteBarsBefore(interval, closeTimeNanos);
    }

    @Override
    public void close() {
        store.close();
    }
}
