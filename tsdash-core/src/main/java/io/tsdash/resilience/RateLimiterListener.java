package io.tsdash.resilience;

/** Learns when a limiter has no room for a key. Called by the thread that asks; must not block or throw. */
@FunctionalInterface
public interface RateLimiterListener {

    /**
     * A key was counted together with others.
     *
     * @param key the new key
     */
    void shared(String key);

    /** Returns a listener that does nothing. */
    static RateLimiterListener none() {
        return key -> {};
    }
}
