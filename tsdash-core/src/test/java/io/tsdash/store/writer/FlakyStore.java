package io.tsdash.store.writer;

import io.tsdash.error.InvalidInputException;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import io.tsdash.store.AppendResult;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import io.tsdash.store.StoreCapabilities;
import io.tsdash.store.TradeRange;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The store in memory, made to fail on purpose: as a whole, at random, or for certain trades. Thread-safe. */
final class FlakyStore implements MarketStore {
    enum Mode {
        WELL,
        AWAY,
        REFUSES_ALL
    }

    private final MarketStore store = MarketStore.inMemory();
    private final Random random;
    private final List<Trade> order = Collections.synchronizedList(new ArrayList<>());
    volatile Mode mode = Mode.WELL;
    volatile double failures;
    volatile Predicate<Trade> poison = trade -> false;
    volatile boolean poisonIsInput;
    volatile int calls;

    FlakyStore(long seed) {
        random = new Random(seed);
    }

    /** Returns the trades in the order in which they were acknowledged. */
    List<Trade> order() {
        return List.copyOf(order);
    }

    @Override
    public synchronized AppendResult appendTrades(List<Trade> batch) {
        calls++;
        if (mode == Mode.AWAY || random.nextDouble() < failures) {
            if (mode != Mode.AWAY && random.nextBoolean() && batch.stream().noneMatch(poison)) {
                store.appendTrades(batch); // it was written, and the answer was lost
            }
            throw new TransientException("store away");
        }
        if (mode == Mode.REFUSES_ALL) {
            throw new PermanentException("wrong password");
        }
        if (batch.stream().anyMatch(poison)) {
            throw poisonIsInput ? new InvalidInputException("poison") : new PermanentException("poison");
        }
        order.addAll(batch);
        return store.appendTrades(batch);
    }

    @Override
    public StoreCapabilities capabilities() {
        return new StoreCapabilities("flaky", 1, false, List.of(), true, false, true, 100);
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
