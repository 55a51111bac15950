package io.tsdash.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what a server does in its own time. */
final class Eventually {
    private static final long NANOS_MAX = TimeUnit.SECONDS.toNanos(30);

    private Eventually() {}

    static void holds(BooleanSupplier condition) {
        long giveUpNanos = System.nanoTime() + NANOS_MAX;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("time until the condition holds").isLessThan(giveUpNanos);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }
}
