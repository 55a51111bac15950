package io.tsdash.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what other threads do. */
final class Eventually {
    private static final long NANOS_MAX = TimeUnit.SECONDS.toNanos(20);

    private Eventually() {}

    static void holds(BooleanSupplier condition) {
        long giveUpNanos = System.nanoTime() + NANOS_MAX;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("time until the condition holds").isLessThan(giveUpNanos);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }
}
