package io.tsdash.resilience;

/** Lets calls through and counts them; a failed or slow one too many opens the breaker. */
final class ClosedState extends BreakerState {
    private final OutcomeWindow window;

    ClosedState(CircuitBreaker breaker, OutcomeWindow window) {
        super(breaker);
        this.window = window;
    }

    @Override
    CircuitBreaker.State name() {
        return CircuitBreaker.State.CLOSED;
    }

    @Override
    BreakerState admit() {
        return this;
    }

    @Override
    void report(Outcome outcome, long nowNanos) {
        window.record(outcome, nowNanos);
        if (outcome != Outcome.OK && breaker.isTooMuch(window.counts(nowNanos))) {
            breaker.follow(this, breaker.opened(breaker.pauseMinNanos()));
        }
    }

    OutcomeWindow.Counts counts(long nowNanos) {
        return window.counts(nowNanos);
    }
}
