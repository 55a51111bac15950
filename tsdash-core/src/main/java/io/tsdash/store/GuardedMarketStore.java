package io.tsdash.store;

import io.tsdash.error.TransientException;
import io.tsdash.model.Bar;
import io.tsdash.model.Trade;
import io.tsdash.resilience.Bulkhead;
import io.tsdash.resilience.CircuitBreaker;
import io.tsdash.resilience.Retry;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A store whose questions are guarded: so many at a time, by a bulkhead; again what failed in passing; and none while it is away, by
 * a breaker. What is kept away fails with a {@link io.tsdash.resilience.CallRefusedException} instead of waiting for a timeout.
 *
 * <p>The bulkhead is outermost: a question keeps its place while it is tried again, and one that found none is neither tried again nor
 * counted by the breaker. The breaker is innermost and counts each try. Trades are asked for again only while none was handed to the
 * consumer. Writes pass as they are: whoever writes has guards of its own. Thread-safe.
 */
public final class GuardedMarketStore extends ForwardingMarketStore {
    private final Bulkhead bulkhead;
    private final Retry retry;
    private final CircuitBreaker breaker;

    /**
     * @param store gets the calls
     * @param bulkhead has places for questions
     * @param retry should leave out {@link io.tsdash.resilience.CallRefusedException}: what the breaker refuses now it refuses a moment
     *     later
     * @param breaker should count {@link TransientException} only: a wrong question says nothing of the store
     */
    public GuardedMarketStore(MarketStore store, Bulkhead bulkhead, Retry retry, CircuitBreaker breaker) {
        super(store);
        this.bulkhead = bulkhead;
        this.retry = retry;
        this.breaker = breaker;
    }

    @Override
    public long trades(TradeRange range, Consumer<? super Trade> consumer) {
        AtomicBoolean begun = new AtomicBoolean();
        Consumer<Trade> handed = trade -> {
            begun.set(true);
            consumer.accept(trade);
        };
        return guarded(() -> super.trades(range, handed), () -> !begun.get());
    }

    @Override
    public List<Bar> bars(BarRange range) {
        return guarded(() -> super.bars(range));
    }

    @Override
    public List<Bar> barsOnDemand(BarRange range) {
        return guarded(() -> super.barsOnDemand(range));
    }

    @Override
    public List<Bar> precomputedBars(BarRange range) {
        return guarded(() -> super.precomputedBars(range));
    }

    @Override
    public Optional<Trade> lastTrade(String symbol) {
        return guarded(() -> super.lastTrade(symbol));
    }

    @Override
    public List<String> symbols() {
        return guarded(super::symbols);
    }

    @Override
    public long tradeCount() {
        return guarded(super::tradeCount);
    }

    private <T> T guarded(Supplier<T> question) {
        return guarded(question, () -> true);
    }

    private <T> T guarded(Supplier<T> question, BooleanSupplier repeatable) {
        try {
            return bulkhead.call(() -> retry.call(() -> breaker.get(question), repeatable));
        } catch (RuntimeException e) {
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientException("interrupted before the store was asked", e);
        } catch (Exception e) {
            throw new IllegalStateException("a store throws no checked exceptions", e);
        }
    }
}
