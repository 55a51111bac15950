package io.tsdash.time;

import java.util.concurrent.locks.LockSupport;

/**
 * The monotonic clock as a daemon thread has read it last, every 10 ms. Its thread starts with the first one who asks, and stays.
 * Thread-safe.
 *
 * <p>The pattern is an old one; Elasticsearch's cached time and Agrona's {@code CachedNanoClock} are others.
 */
final class CoarseClock implements Runnable {
    private static final CoarseClock INSTANCE = started();

    private volatile long nanos = System.nanoTime();

    private CoarseClock() {}

    static long monotonicNanos() {
        return INSTANCE.nanos;
    }

    private static CoarseClock started() {
        CoarseClock clock = new CoarseClock();
        Thread thread = new Thread(clock, "tsdash-clock");
        thread.setDaemon(true);
        thread.start();
        return clock;
    }

    @Override
    public void run() {
        while (true) {
            LockSupport.parkNanos(this, TimeSource.COARSE.toNanos());
            nanos = System.nanoTime();
        }
    }
}
