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
    private boolean decided;
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
            if (decided) {
                return null;
            }
            if (underWay + succeeded < breaker.probes()) {
                underWay++;
                latestNanos = now;
                return this;
            }
            if (now - latestNanos < breaker.probeTimeoutNanos()) {
                return null;
            }
            decided = true;
        }
        return breaker.follow(this, new HalfOpenState(breaker, pauseNanos)).admit();
    }

    @Override
    void report(Outcome outcome, long nowNanos) {
        synchronized (this) {
            underWay--;
            succeeded += outcome == Outcome.OK ? 1 : 0;
            if (decided || (outcome == Outcome.OK && succeeded < breaker.probes())) {
                return;
            }
            decided = true;
        }
        if (outcome == Outcome.OK) {
            breaker.closeFrom(this);
        } else {
            breaker.openFrom(this, 2 * pauseNanos);
        }
    }

    @Override
    public synchronized void abandoned() {
        underWay--;
    }
}
