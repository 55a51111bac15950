package io.tsdash.resilience;

import io.tsdash.resilience.CircuitBreaker.State;

/** Learns what a breaker does. Called by the threads that call through it, at any time and together; must not block or throw. */
public interface CircuitBreakerListener {

    /**
     * It changed.
     *
     * @param breaker its name
     * @param from where it was
     * @param to where it is; two changes shortly after one another may be told in any order
     */
    default void changed(String breaker, State from, State to) {}

    /**
     * It refused a call.
     *
     * @param breaker its name
     */
    default void refused(String breaker) {}

    /** Returns a listener that does nothing. */
    static CircuitBreakerListener none() {
        return new CircuitBreakerListener() {};
    }
}
