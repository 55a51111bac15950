package io.tsdash.resilience;

import io.tsdash.error.ConfigurationException;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets so many pass in a period, and some more at once after a pause: within any span of time {@code t} at most {@code
 * burst + t * permits / period}.
 *
 * <p>One number that threads set by compare-and-set, by the generic cell rate algorithm (ITU-T I.371); a call reads the
 * clock once and allocates nothing. Thread-safe; nothing is locked.
 */
public final class TokenBucket {
    private final TimeSource time;
    private final Gcra limit;
    private final long unitsPerNano;
    private final long permitUnits;
    private final long capacityUnits;
    private final long burst;
    /** When it will be full. */
    private final AtomicLong fullAtUnits;

    private TokenBucket(RateLimit limit, long initial, TimeSource time) {
        if (initial < 0 || initial > limit.burst()) {
            throw new ConfigurationException(
                    List.of("initial was '" + initial + "' but it must be 0 to limit.burst, " + limit.burst()));
        }
        this.time = time;
        this.limit = Gcra.of(limit);
        this.unitsPerNano = this.limit.unitsPerNano();
        this.permitUnits = this.limit.permitUnits();
        this.capacityUnits = this.limit.capacityUnits();
        this.burst = limit.burst();
        this.fullAtUnits = new AtomicLong(time.monotonicNanos() * unitsPerNano + (burst - initial) * permitUnits);
    }

    /**
     * Returns a full bucket on the machine's clock.
     *
     * @throws ConfigurationException if permits come faster than one a nanosecond, or it takes over a year to fill
     */
    public static TokenBucket of(RateLimit limit) {
        return of(limit, TimeSource.system());
    }

    /**
     * Returns a full bucket.
     *
     * @throws ConfigurationException if permits come faster than one a nanosecond, or it takes over a year to fill
     */
    public static TokenBucket of(RateLimit limit, TimeSource time) {
        return new TokenBucket(limit, limit.burst(), time);
    }

    /**
     * Returns a bucket for a start that must not come all at once.
     *
     * @param initial permits that are in it, 0 to the burst
     * @throws ConfigurationException if permits come faster than one a nanosecond, it takes over a year to fill, or it
     *     does not hold so many
     */
    public static TokenBucket startingWith(long initial, RateLimit limit, TimeSource time) {
        return new TokenBucket(limit, initial, time);
    }

    /** Takes one permit if it is there. */
    public boolean tryAcquire() {
        return tryAcquire(1) == 0;
    }

    /**
     * Takes permits if all of them are there.
     *
     * @param permits at least 1
     * @return 0 if they were taken; else none were, and the nanoseconds until they will be there if nobody else comes,
     *     {@link Long#MAX_VALUE} if the bucket never holds so many
     * @throws IllegalArgumentException if permits is below 1
     */
    public long tryAcquire(long permits) {
        if (permits > burst) {
            return Long.MAX_VALUE;
        }
        long cost = cost(permits);
        while (true) {
            long fullAt = fullAtUnits.get();
            long now = time.monotonicNanos() * unitsPerNano;
            long debt = Gcra.debt(fullAt, now) + cost;
            if (debt > capacityUnits) {
                return limit.waitNanos(debt);
            }
            if (fullAtUnits.compareAndSet(fullAt, now + debt)) {
                return 0;
            }
            stepBack();
        }
    }

    /**
     * Takes permits as soon as they are there. Who comes first is served first, also before those who do not wait: it is told at
     * once whether its turn comes in time, and what it will take is taken then. The permits of one who is interrupted are
     * given back if nobody waits behind it, and lost else.
     *
     * @param permits at least 1
     * @param timeout the longest wait; negative is none, and more than a year is one
     * @return whether they were taken; false at once when they would come too late
     * @throws IllegalArgumentException if permits is below 1
     */
    public boolean acquire(long permits, Duration timeout) throws InterruptedException {
        if (permits > burst) {
            return false;
        }
        long cost = cost(permits);
        long waitMax = Math.multiplyExact(Durations.nanosUpToAYear(timeout), unitsPerNano);
        while (true) {
            long fullAt = fullAtUnits.get();
            long nowNanos = time.monotonicNanos();
            long now = nowNanos * unitsPerNano;
            long debt = Gcra.debt(fullAt, now) + cost;
            if (debt - capacityUnits > waitMax) {
                return false;
            }
            if (fullAtUnits.compareAndSet(fullAt, now + debt)) {
                awaitTurn(nowNanos, debt, cost);
                return true;
            }
            stepBack();
        }
    }

    private void awaitTurn(long takenAtNanos, long debt, long cost) throws InterruptedException {
        long waitNanos = limit.waitNanos(debt);
        if (waitNanos <= 0) {
            return;
        }
        try {
            time.sleepUntil(takenAtNanos + waitNanos);
        } catch (InterruptedException e) {
            long fullAt = takenAtNanos * unitsPerNano + debt;
            fullAtUnits.compareAndSet(fullAt, fullAt - cost);
            throw e;
        }
    }

    /**
     * Called by who has lost. Some microseconds leave the number in the other's cache; the clock, which is read between look and
     * set, makes it likely that one of two loses at once, so that they do not take turns at each permit.
     */
    private void stepBack() {
        LockSupport.parkNanos(this, 1);
    }

    /**
     * Takes permits if all of them are there, and says how it stands.
     *
     * @param permits at least 1
     * @throws IllegalArgumentException if permits is below 1
     */
    public RateDecision decide(long permits) {
        long waitNanos = tryAcquire(permits);
        long debt = Gcra.debt(fullAtUnits.get(), time.monotonicNanos() * unitsPerNano);
        return new RateDecision(waitNanos == 0, burst, limit.remaining(debt), waitNanos, limit.ceilNanos(debt));
    }

    /** Returns the whole permits that are there. */
    public long remaining() {
        return limit.remaining(Gcra.debt(fullAtUnits.get(), time.monotonicNanos() * unitsPerNano));
    }

    /** Returns whether all that it holds is there: it is as one that was never used. */
    public boolean isFull() {
        return Gcra.debt(fullAtUnits.get(), time.monotonicNanos() * unitsPerNano) == 0;
    }

    private long cost(long permits) {
        if (permits < 1) {
            throw new IllegalArgumentException("permits was '" + permits + "' but it must be at least 1");
        }
        return permits * permitUnits;
    }
}
