package io.tsdash.resilience;

import org.jspecify.annotations.Nullable;

/** One state of a breaker, from when it came into it until it left it. It is the permit of the calls that it lets through. */
abstract class BreakerState implements CallPermit {
    final CircuitBreaker breaker;

    BreakerState(CircuitBreaker breaker) {
        this.breaker = breaker;
    }

    abstract CircuitBreaker.State name();

    /** Returns the state that lets a call through, this or one that follows from it; null when the call is refused. */
    abstract @Nullable BreakerState admit();

    /** Returns why it refuses. */
    String refusal() {
        return "is " + name();
    }

    /** Counts how a call went that it let through. */
    void report(Outcome outcome, long nowNanos) {}

    @Override
    public final void succeeded(long durationNanos) {
        report(Outcome.of(false, breaker.isSlow(durationNanos)), breaker.nowIfCounted());
    }

    @Override
    public final void failed(long durationNanos, Throwable cause) {
        if (breaker.saysNothing(cause)) {
            abandoned();
        } else {
            report(Outcome.of(breaker.isFailure(cause), breaker.isSlow(durationNanos)), breaker.nowIfCounted());
        }
    }

    @Override
    public void abandoned() {}
}
