package io.tsdash.store;

import io.tsdash.model.Bar;
import io.tsdash.model.Trade;
import io.tsdash.resilience.CircuitBreaker;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A store whose questions go through a breaker: while it is away they are refused at once, with a
 * {@link io.tsdash.resilience.CallRefusedException}, instead of each waiting for its timeout. Writes pass as they are: whoever
 * writes has a breaker of its own. Thread-safe.
 */
public final class GuardedMarketStore extends ForwardingMarketStore {
    private final CircuitBreaker breaker;

    /**
     * @param store gets the calls
     * @param breaker should count {@link io.tsdash.error.TransientException} only: a wrong question says nothing of the store
     */
    public GuardedMarketStore(MarketStore store, CircuitBreaker breaker) {
        super(store);
        this.breaker = breaker;
    }

    @Override
    public long trades(TradeRange range, Consumer<? super Trade> consumer) {
        return breaker.get(() -> super.trades(range, consumer));
    }

    @Override
    public List<Bar> bars(BarRange range) {
        return breaker.get(() -> super.bars(range));
    }

    @Override
    public List<Bar> barsOnDemand(BarRange range) {
        return breaker.get(() -> super.barsOnDemand(range));
    }

    @Override
    public List<Bar> precomputedBars(BarRange range) {
        return breaker.get(() -> super.precomputedBars(range));
    }

    @Override
    public Optional<Trade> lastTrade(String symbol) {
        return breaker.get(() -> super.lastTrade(symbol));
    }

    @Override
    public List<String> symbols() {
        return breaker.get(super::symbols);
    }

    @Override
    public long tradeCount() {
        return breaker.get(super::tradeCount);
    }
}
