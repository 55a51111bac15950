package io.tsdash.benchmarks.cost;

import java.util.concurrent.locks.LockSupport;

/** When a round's next step is due. */
final class Pace {
    private static final long MILLISECOND_NANOS = 1_000_000;

    private final long fromNanos = System.nanoTime();

    /** Waits until so many milliseconds of the round are over; not at all when it is late. */
    void awaitMilliseconds(int count) {
        long dueNanos = fromNanos + count * MILLISECOND_NANOS;
        for (long left = dueNanos - System.nanoTime(); left > 0; left = dueNanos - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
