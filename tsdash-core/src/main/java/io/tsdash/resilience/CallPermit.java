package io.tsdash.resilience;

/**
 * That one call may be made, given by {@link CircuitBreaker#tryAcquire}. Whoever has it tells once how the call went; what is
 * told after the breaker has changed its state counts for nothing. Thread-safe.
 */
public interface CallPermit {

    /**
     * The call succeeded.
     *
     * @param durationNanos how long it took; not looked at where the breaker does not count slow calls
     */
    void succeeded(long durationNanos);

    /**
     * The call ended with an exception; the breaker's settings say whether that is a failure.
     *
     * @param durationNanos how long it took; not looked at where the breaker does not count slow calls
     */
    void failed(long durationNanos, Throwable cause);

    /** The call was not made, or says nothing about what was called. */
    void abandoned();
}
