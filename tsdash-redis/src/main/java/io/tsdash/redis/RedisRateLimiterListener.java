package io.tsdash.redis;

/** Hears when a shared limiter has to do without Redis. Called from threads of callers; must not block. */
public interface RedisRateLimiterListener {
    /** Hears nothing. */
    RedisRateLimiterListener NONE = new RedisRateLimiterListener() {};

    /** From here on it does what was chosen for a Redis that is away. */
    default void onAway(LimiterAway choice, RuntimeException cause) {}

    /** From here on Redis decides again. */
    default void onBack() {}
}
