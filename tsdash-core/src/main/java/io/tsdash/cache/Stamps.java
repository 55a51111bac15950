package io.tsdash.cache;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;

/**
 * Numbers that change when something is done to a key, so that an answer which was asked for before is not kept after it.
 *
 * <p>Keys share {@value #STRIPES} numbers; where two share one, an answer is not kept that could have been. Thread-safe; what runs
 * under a lock here is in memory.
 */
final class Stamps {
    private static final int STRIPES = 1_024;

    private final AtomicLongArray stamps = new AtomicLongArray(STRIPES);
    private final ReentrantLock[] locks =
            IntStream.range(0, STRIPES).mapToObj(i -> new ReentrantLock()).toArray(ReentrantLock[]::new);

    long of(String key) {
        return stamps.get(stripe(key));
    }

    /** Changes the number of a key, and runs something with it; returns the new number. */
    long change(String key, Runnable with) {
        int stripe = stripe(key);
        locks[stripe].lock();
        try {
            with.run();
            return stamps.incrementAndGet(stripe);
        } finally {
            locks[stripe].unlock();
        }
    }

    /** Runs something if the number of a key is still this one; it does not change meanwhile. */
    void ifStill(String key, long stamp, Runnable then) {
        int stripe = stripe(key);
        if (stamps.get(stripe) != stamp) {
            return;
        }
        locks[stripe].lock();
        try {
            if (stamps.get(stripe) == stamp) {
                then.run();
            }
        } finally {
            locks[stripe].unlock();
        }
    }

    void changeAll() {
        for (int i = 0; i < STRIPES; i++) {
            locks[i].lock();
            try {
                stamps.incrementAndGet(i);
            } finally {
                locks[i].unlock();
            }
        }
    }

    private static int stripe(String key) {
        int hash = key.hashCode();
        return (hash ^ hash >>> 16) & (STRIPES - 1);
    }
}
