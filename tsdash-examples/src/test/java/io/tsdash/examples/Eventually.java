package io.tsdash.examples;

import static org.assertj.core.api.Assertions.fail;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what other threads and processes bring about. */
public final class Eventually {
    private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();

    private Eventually() {}

    /** Returns as soon as the condition holds; fails after the timeout, saying what was waited for. */
    public static void holds(String what, Duration timeout, BooleanSupplier condition) {
        holds(() -> what, timeout, condition);
    }

    /** The same, saying how things are at the end. */
    public static void holds(Supplier<String> what, Duration timeout, BooleanSupplier condition) {
        long end = System.nanoTime() + timeout.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                fail("not within " + timeout + ": " + what.get());
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
