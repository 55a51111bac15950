package io.tsdash.clickhouse;

import io.tsdash.error.TransientException;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;

/**
 * Lets one thread at a time write trades of a symbol.
 *
 * <p>Symbols share {@value #STRIPES} locks, which are always taken in the same order. Thread-safe.
 */
final class SymbolLocks {
    private static final int STRIPES = 64;

    private final ReentrantLock[] locks =
            IntStream.range(0, STRIPES).mapToObj(i -> new ReentrantLock()).toArray(ReentrantLock[]::new);
    private final Duration timeout;

    SymbolLocks(Duration timeout) {
        this.timeout = timeout;
    }

    /** Locks that are held; closing it lets them go. */
    interface Held extends AutoCloseable {
        @Override
        void close();
    }

    /** Takes the locks of some symbols. */
    Held lock(Collection<String> symbols) {
        return lock(symbols.stream()
                .mapToInt(symbol -> Math.floorMod(symbol.hashCode(), STRIPES))
                .distinct()
                .sorted()
                .toArray());
    }

    /** Takes all locks. */
    Held lockAll() {
        return lock(IntStream.range(0, STRIPES).toArray());
    }

    private Held lock(int[] stripes) {
        int taken = 0;
        try {
            for (; taken < stripes.length; taken++) {
                if (!locks[stripes[taken]].tryLock(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                    throw new TransientException(
                            "another thread has been writing trades of the same symbols for " + timeout);
                }
            }
        } catch (InterruptedException e) {
            unlock(stripes, taken);
            Thread.currentThread().interrupt();
            throw new TransientException("interrupted while another thread writes trades of the same symbols", e);
        } catch (TransientException e) {
            unlock(stripes, taken);
            throw e;
        }
        int all = taken;
        return () -> unlock(stripes, all);
    }

    private void unlock(int[] stripes, int count) {
        for (int i = count - 1; i >= 0; i--) {
            locks[stripes[i]].unlock();
        }
    }
}
