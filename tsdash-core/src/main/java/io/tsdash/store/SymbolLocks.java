package io.tsdash.store;

import io.tsdash.error.TransientException;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Lets one thread at a time write trades of a symbol.
 *
 * <p>Symbols share {@value #STRIPES} locks, which are always taken in the same order. With 1, 2, 4 up to 64 lanes
 * ({@link io.tsdash.store.writer.StoreWriter}) no two lanes share one. Thread-safe.
 */
public final class SymbolLocks {
    private static final int STRIPES = 64;

    private final ReentrantLock[] locks =
            IntStream.range(0, STRIPES).mapToObj(i -> new ReentrantLock()).toArray(ReentrantLock[]::new);
    private final Duration timeout;

    /** @param timeout after which a thread gives up */
    public SymbolLocks(Duration timeout) {
        this.timeout = timeout;
    }

    /**
     * Runs something with the locks of some symbols.
     *
     * @throws TransientException if another thread holds one of them for longer than the timeout
     */
    public <T> T with(Collection<String> symbols, Supplier<T> task) {
        return with(
                symbols.stream()
                        .mapToInt(symbol -> Math.floorMod(symbol.hashCode(), STRIPES))
                        .distinct()
                        .sorted()
                        .toArray(),
                task);
    }

    /**
     * Runs something with all locks.
     *
     * @throws TransientException if another thread holds one of them for longer than the timeout
     */
    public <T> T withAll(Supplier<T> task) {
        return with(IntStream.range(0, STRIPES).toArray(), task);
    }

    private <T> T with(int[] stripes, Supplier<T> task) {
        int taken = 0;
        try {
            for (; taken < stripes.length; taken++) {
                if (!locks[stripes[taken]].tryLock(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                    throw new TransientException(
                            "another thread has been writing trades of the same symbols for " + timeout);
                }
            }
            return task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientException("interrupted while another thread writes trades of the same symbols", e);
        } finally {
            for (int i = taken - 1; i >= 0; i--) {
                locks[stripes[i]].unlock();
            }
        }
    }
}
