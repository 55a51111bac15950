package io.tsdash.resilience;

import org.jspecify.annotations.Nullable;

/** Open or without effect until someone says otherwise; counts nothing. */
final class ForcedState extends BreakerState {
    private final CircuitBreaker.State name;

    ForcedState(CircuitBreaker breaker, CircuitBreaker.State name) {
        super(breaker);
        this.name = name;
    }

    @Override
    CircuitBreaker.State name() {
        return name;
    }

    @Override
    @Nullable
    BreakerState admit() {
        return name == CircuitBreaker.State.DISABLED ? this : null;
    }
}
