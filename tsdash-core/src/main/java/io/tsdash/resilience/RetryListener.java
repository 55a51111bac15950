package io.tsdash.resilience;

/** Learns of retries. Called by the thread that calls; must not block or throw. */
public interface RetryListener {

    /**
     * It failed and will be tried again.
     *
     * @param retry its name
     * @param attempt how many tries have failed
     * @param pauseNanos how long until the next
     */
    default void retrying(String retry, int attempt, long pauseNanos, Exception cause) {}

    /**
     * It failed in a way that could be tried again, but tries, time or budget are used up.
     *
     * @param retry its name
     * @param attempts how many tries have failed
     */
    default void gaveUp(String retry, int attempts, Exception cause) {}

    /** Returns a listener that does nothing. */
    static RetryListener none() {
        return new RetryListener() {};
    }
}
