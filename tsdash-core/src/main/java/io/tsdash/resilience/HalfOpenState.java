package io.tsdash.resilience;

import org.jspecify.annotations.Nullable;

/**
 * Lets a few calls through to see. When all have succeeded the breaker closes; the first that failed or was slow opens it again for
 * twice the pause. When those under way have not told for too long, others go in their place, and what the first tell counts no more.
 */
final class HalfOpenState extends BreakerState {
    private final long pauseNanos;
    private int underWay;
    private int succeeded;
    private long latestNanos;

    HalfOpenState(CircuitBreaker breaker, long pauseNanos) {
        super(breaker);
        this.pauseNanos = pauseNanos;
    }

    @Override
    CircuitBreaker.State name() {
        return CircuitBreaker.State.HALF_OPEN;
    }

    @Override
    @Nullable
    BreakerState admit() {
        long now = breaker.now();
        synchronized (this) {
            if (breaker.isAt(this)) {
                if (underWay + succeeded < breaker.probes()) {
                    underWay++;
                    latestNanos = now;
                    return this;
                }
                if (now - latestNanos < breaker.probeTimeoutNanos()) {
                    return null;
                }
                breaker.move(this, new HalfOpenState(breaker, pauseNanos));
            }
        }
        return breaker.current().admit();
    }

    /** The breaker moves on within the lock: nobody sees a state that has decided and is still there. */
    @Override
    void report(Outcome outcome, long nowNanos) {
        BreakerState next;
        synchronized (this) {
            underWay--;
            succeeded += outcome == Outcome.OK ? 1 : 0;
            if (outcome == Outcome.OK && succeeded < breaker.probes()) {
                return;
            }
            next = outcome == Outcome.OK ? breaker.closed() : breaker.opened(2 * pauseNanos);
            if (!breaker.move(this, next)) {
                return;
            }
        }
        breaker.tell(this, next);
    }

    @Override
    public synchronized void abandoned() {
        underWay--;
    }
}
