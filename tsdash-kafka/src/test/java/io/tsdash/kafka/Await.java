package io.tsdash.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for conditions that other threads and processes bring about. */
final class Await {
    private static final long LOOK_NANOS = 5_000_000;

    private Await() {}

    static void until(String what, Duration timeout, BooleanSupplier condition) {
        long untilNanos = TimeSource.system().monotonicNanos() + timeout.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(TimeSource.system().monotonicNanos())
                    .as("%s within %s", what, timeout)
                    .isLessThan(untilNanos);
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }
}
