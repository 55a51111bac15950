package io.tsdash.source;

import io.tsdash.time.TimeSource;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Holds events back until their time has come, at some multiple of the real speed. Single-threaded. */
final class Pacer {
    /** Bounds how late a close, or a clock that a test moves, is noticed. */
    private static final long PARK_NANOS_MAX = 5_000_000;

    private final TimeSource time;
    private final double speed;
    private final long startNanos;
    private long elapsedNanos;

    /** @param speed times real time; 0 for as fast as possible */
    Pacer(TimeSource time, double speed) {
        this.time = time;
        this.speed = speed;
        this.startNanos = time.monotonicNanos();
    }

    /** Waits until this offset from the start is due; returns early when told to stop. */
    void await(long offsetNanos, BooleanSupplier stopping) throws InterruptedException {
        if (speed == 0) {
            return;
        }
        long dueNanos = (long) (offsetNanos / speed);
        // The clock is read only for events that were not due when it was last read.
        while (dueNanos > elapsedNanos && !stopping.getAsBoolean()) {
            elapsedNanos = time.monotonicNanos() - startNanos;
            if (dueNanos > elapsedNanos) {
                LockSupport.parkNanos(Math.min(dueNanos - elapsedNanos, PARK_NANOS_MAX));
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
        }
    }
}
