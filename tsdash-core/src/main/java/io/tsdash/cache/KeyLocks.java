package io.tsdash.cache;

import io.tsdash.error.TransientException;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** Lets one writer of a key at a time go on, and those of other keys too. As many locks as keys are being written. Thread-safe. */
final class KeyLocks {
    private static final class Turn {
        private final ReentrantLock lock = new ReentrantLock(true);
        private int writers; // guarded by the map
    }

    private final ConcurrentMap<String, Turn> turns = new ConcurrentHashMap<>();

    /**
     * Runs a task when it is this writer's turn.
     *
     * @throws TransientException if it was not in time; the task was not run then
     */
    void with(String key, Duration wait, Runnable task) throws InterruptedException {
        Turn turn = turns.compute(key, (unused, there) -> {
            Turn now = there == null ? new Turn() : there;
            now.writers++;
            return now;
        });
        try {
            if (!turn.lock.tryLock(wait.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new TransientException("another write of key '" + key + "' has not ended within " + wait);
            }
            try {
                task.run();
            } finally {
                turn.lock.unlock();
            }
        } finally {
            turns.computeIfPresent(key, (unused, there) -> --there.writers == 0 ? null : there);
        }
    }
}
