package io.tsdash.store.writer;

import io.tsdash.error.InvalidInputException;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.model.Trade;
import io.tsdash.store.AppendResult;
import io.tsdash.store.ForwardingMarketStore;
import io.tsdash.store.MarketStore;
import io.tsdash.store.StoreCapabilities;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;

/** The store in memory, made to fail on purpose: as a whole, at random, or for certain trades. Thread-safe. */
final class FlakyStore extends ForwardingMarketStore {
    enum Mode {
        WELL,
        AWAY,
        REFUSES_ALL
    }

    private final Random random;
    private final List<Trade> order = Collections.synchronizedList(new ArrayList<>());
    volatile Mode mode = Mode.WELL;
    volatile double failures;
    volatile Predicate<Trade> poison = trade -> false;
    volatile boolean poisonIsInput;
    volatile int calls;
    volatile boolean faulty;
    /** While it is up, calls wait for it to be counted down. */
    volatile CountDownLatch silence = new CountDownLatch(0);

    FlakyStore(long seed) {
        super(MarketStore.inMemory());
        random = new Random(seed);
    }

    /** Returns the trades in the order in which they were acknowledged. */
    List<Trade> order() {
        return List.copyOf(order);
    }

    @Override
    public AppendResult appendTrades(List<Trade> batch) {
        called();
        boolean interrupted = false;
        CountDownLatch end = silence;
        while (end.getCount() > 0) {
            try {
                end.await();
            } catch (InterruptedException e) {
                interrupted = true; // as a driver that waits for its server, whatever anyone wants
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return append(batch);
    }

    private synchronized void called() {
        calls++;
    }

    private synchronized AppendResult append(List<Trade> batch) {
        if (faulty) {
            throw new IllegalStateException("a fault of the adapter");
        }
        if (mode == Mode.AWAY || random.nextDouble() < failures) {
            if (mode != Mode.AWAY && random.nextBoolean() && batch.stream().noneMatch(poison)) {
                super.appendTrades(batch); // it was written, and the answer was lost
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
        return super.appendTrades(batch);
    }

    @Override
    public StoreCapabilities capabilities() {
        return new StoreCapabilities("flaky", 1, false, List.of(), true, false, true, 100);
    }
}
