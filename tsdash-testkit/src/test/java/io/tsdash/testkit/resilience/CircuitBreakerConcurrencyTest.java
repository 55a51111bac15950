package io.tsdash.testkit.resilience;

import io.tsdash.resilience.CallPermit;
import io.tsdash.resilience.CircuitBreaker;
import io.tsdash.testkit.ManualTimeSource;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Whatever threads do together to a breaker, it lets through what it would if they did one after another. It begins open with its pause
 * over, where threads meet: the first of them make it half open. The
 * clock stands still from there: a pause counts from when a failure was told, also when the clock moves while it is told.
 */
@Param(name = "thread", gen = ThreadIdGen.class)
public class CircuitBreakerConcurrencyTest {
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final ManualTimeSource time = new ManualTimeSource(0);
    private final CircuitBreaker breaker = CircuitBreaker.builder("any")
            .consecutiveFailures(1)
            .pause(PAUSE)
            .probes(2)
            .probeTimeout(Duration.ofDays(1))
            .time(time)
            .build();
    private final AtomicReferenceArray<@Nullable CallPermit> underWay = new AtomicReferenceArray<>(8);

    /** Opens it. */
    public CircuitBreakerConcurrencyTest() {
        begin(0);
        fail(0);
        time.advance(PAUSE);
    }

    /** Begins a call if the thread has none, and returns whether it was let through. */
    @Operation
    public boolean begin(@Param(name = "thread") int thread) {
        if (underWay.get(thread) != null) {
            return false;
        }
        CallPermit permit = breaker.tryAcquire();
        if (permit == null) {
            return false;
        }
        underWay.set(thread, permit);
        return true;
    }

    @Operation
    public void succeed(@Param(name = "thread") int thread) {
        CallPermit permit = underWay.getAndSet(thread, null);
        if (permit != null) {
            permit.succeeded(0);
        }
    }

    @Operation
    public void fail(@Param(name = "thread") int thread) {
        CallPermit permit = underWay.getAndSet(thread, null);
        if (permit != null) {
            permit.failed(0, new IllegalStateException("away"));
        }
    }

    @Operation
    public String state() {
        return breaker.state().name();
    }

    @Test
    void isLinearizable() {
        Interleavings.check(CircuitBreakerConcurrencyTest.class);
    }
}
