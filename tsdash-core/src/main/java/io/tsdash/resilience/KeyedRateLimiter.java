package io.tsdash.resilience;

/** Limits what each of many users or other keys may do. Thread-safe. */
public interface KeyedRateLimiter {

    /**
     * Takes permits of a key if they are there, and says how it stands. Never waits for permits.
     *
     * @param key whose permits
     * @param permits how many, at least 1
     * @throws IllegalArgumentException if permits is below 1
     */
    RateDecision tryAcquire(String key, int permits);
}
