package io.tsdash.resilience;

import io.tsdash.error.ConfigurationException;
import io.tsdash.time.TimeSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Several limits at once, such as so many a second and so many a minute: permits are taken from each bucket or from none.
 *
 * <p>To take from all or none takes a lock, held for some nanoseconds and for no call of others; for one limit there is
 * {@link TokenBucket}. Thread-safe.
 */
public final class TokenBuckets {
    private final TimeSource time;
    private final Gcra[] limits;
    private final long[] fullAtUnits;
    private boolean forgotten;

    /**
     * Full buckets.
     *
     * @param limits at least one
     * @throws ConfigurationException if there is none, or one of them cannot be a {@link TokenBucket}
     */
    public TokenBuckets(List<RateLimit> limits, TimeSource time) {
        if (limits.isEmpty()) {
            throw new ConfigurationException(List.of("limits was empty but there must be at least one"));
        }
        this.time = time;
        this.limits = limits.stream().map(Gcra::of).toArray(Gcra[]::new);
        this.fullAtUnits = new long[this.limits.length];
        long now = time.monotonicNanos();
        for (int i = 0; i < fullAtUnits.length; i++) {
            // As if full for a while: whoever made this one necessary read the clock before.
            fullAtUnits[i] = now * this.limits[i].unitsPerNano() - this.limits[i].capacityUnits();
        }
    }

    /**
     * Takes permits if each bucket has them, and says how it stands.
     *
     * @param permits at least 1
     * @throws IllegalArgumentException if permits is below 1
     */
    public RateDecision decide(long permits) {
        RateDecision decision = decide(permits, time.monotonicNanos());
        if (decision == null) {
            throw new IllegalStateException("it was forgotten");
        }
        return decision;
    }

    /** Returns null if it was forgotten: another counts then. */
    synchronized @Nullable RateDecision decide(long permits, long nowNanos) {
        if (permits < 1) {
            throw new IllegalArgumentException("permits was '" + permits + "' but it must be at least 1");
        }
        if (forgotten) {
            return null;
        }
        long waitNanos = waitNanos(permits, nowNanos);
        if (waitNanos == 0) {
            for (int i = 0; i < limits.length; i++) {
                long now = nowNanos * limits[i].unitsPerNano();
                fullAtUnits[i] = now + Gcra.debt(fullAtUnits[i], now) + permits * limits[i].permitUnits();
            }
        }
        return emptiest(waitNanos, nowNanos);
    }

    /** Gives it up if all are full, so that a new one in its place answers the same. */
    synchronized boolean forgetIfFull(long nowNanos) {
        for (int i = 0; i < limits.length && !forgotten; i++) {
            if (debt(i, nowNanos) > 0) {
                return false;
            }
        }
        forgotten = true;
        return true;
    }

    private long waitNanos(long permits, long nowNanos) {
        long longest = 0;
        for (int i = 0; i < limits.length; i++) {
            if (permits > limits[i].burst()) {
                return Long.MAX_VALUE;
            }
            long debt = debt(i, nowNanos) + permits * limits[i].permitUnits();
            longest = Math.max(longest, limits[i].waitNanos(debt));
        }
        return longest;
    }

    private RateDecision emptiest(long waitNanos, long nowNanos) {
        int least = 0;
        for (int i = 1; i < limits.length; i++) {
            if (limits[i].remaining(debt(i, nowNanos)) < limits[least].remaining(debt(least, nowNanos))) {
                least = i;
            }
        }
        long debt = debt(least, nowNanos);
        Gcra limit = limits[least];
        return new RateDecision(waitNanos == 0, limit.burst(), limit.remaining(debt), waitNanos, limit.ceilNanos(debt));
    }

    private long debt(int i, long nowNanos) {
        return Gcra.debt(fullAtUnits[i], nowNanos * limits[i].unitsPerNano());
    }
}
