package io.tsdash.resilience;

import io.tsdash.error.ConfigurationException;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps calls away from what fails, for a pause, and then lets one through to see.
 *
 * <p>Opens after so many failures in a row. While it is open nothing is let through; after the pause it is half open and
 * lets one call through: a success closes it, a failure opens it again for twice the pause, up to the longest. Pauses are
 * spread by a fifth either way, so that many callers do not come back at one moment (M. Nygard, "Release It!", 2007).
 *
 * <p>Thread-safe. A closed breaker costs a volatile read.
 */
public final class CircuitBreaker {
    /** Where it is. */
    public enum State {
        /** Calls are let through. */
        CLOSED,
        /** Nothing is let through. */
        OPEN,
        /** One call is under way to see. */
        HALF_OPEN
    }

    private static final double SPREAD = 0.2;

    private final int failuresMax;
    private final long pauseMinNanos;
    private final long pauseMaxNanos;
    private final TimeSource time;
    private final AtomicInteger failures = new AtomicInteger();
    private final ReentrantLock changing = new ReentrantLock();
    private volatile State state = State.CLOSED;
    private long pauseNanos;
    private long untilNanos;

    /**
     * @param failuresMax failures in a row that open it, at least 1
     * @param pauseMin its first pause, longer than nothing
     * @param pauseMax its longest pause, at least the first
     * @param time the clock that it goes by
     * @throws ConfigurationException with everything that is wrong
     */
    public CircuitBreaker(int failuresMax, Duration pauseMin, Duration pauseMax, TimeSource time) {
        List<String> problems = new ArrayList<>();
        if (failuresMax < 1) {
            problems.add("failuresMax was '" + failuresMax + "' but it must be at least 1");
        }
        if (pauseMin.isNegative() || pauseMin.isZero()) {
            problems.add("pauseMin was '" + pauseMin + "' but it must be longer than nothing");
        }
        if (pauseMax.compareTo(pauseMin) < 0) {
            problems.add("pauseMax was '" + pauseMax + "' but it must be at least pauseMin, " + pauseMin);
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        this.failuresMax = failuresMax;
        this.pauseMinNanos = pauseMin.toNanos();
        this.pauseMaxNanos = pauseMax.toNanos();
        this.time = time;
        this.pauseNanos = pauseMinNanos;
    }

    /** Returns where it is. */
    public State state() {
        return state;
    }

    /** Returns whether a call may be made; whoever got true tells how it went. */
    public boolean tryAcquire() {
        if (state == State.CLOSED) {
            return true;
        }
        changing.lock();
        try {
            if (state == State.CLOSED) {
                return true;
            }
            long now = time.monotonicNanos();
            if (now - untilNanos < 0) {
                return false;
            }
            // Also when half open: whoever went to see has not told for the longest pause, and counts as gone.
            state = State.HALF_OPEN;
            untilNanos = now + pauseMaxNanos;
            return true;
        } finally {
            changing.unlock();
        }
    }

    /** A call that was let through succeeded. */
    public void succeeded() {
        if (state == State.CLOSED) {
            if (failures.get() != 0) {
                failures.set(0);
            }
            return;
        }
        changing.lock();
        try {
            if (state == State.HALF_OPEN) {
                state = State.CLOSED;
                failures.set(0);
                pauseNanos = pauseMinNanos;
            }
        } finally {
            changing.unlock();
        }
    }

    /** A call that was let through failed in a way that says that the next one will too. */
    public void failed() {
        if (state == State.CLOSED && failures.incrementAndGet() < failuresMax) {
            return;
        }
        changing.lock();
        try {
            if (state == State.HALF_OPEN) {
                pauseNanos = Math.min(pauseMaxNanos, 2 * pauseNanos);
            }
            if (state != State.OPEN) {
                state = State.OPEN;
                double spread = 1 + SPREAD * (2 * ThreadLocalRandom.current().nextDouble() - 1);
                untilNanos = time.monotonicNanos() + (long) (pauseNanos * spread);
            }
        } finally {
            changing.unlock();
        }
    }
}
