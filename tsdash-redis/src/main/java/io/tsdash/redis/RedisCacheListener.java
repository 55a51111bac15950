package io.tsdash.redis;

/** Hears of entries of a shared cache that cannot be used. Called from threads of callers; must not block. */
@FunctionalInterface
public interface RedisCacheListener {
    /** Hears nothing. */
    RedisCacheListener NONE = (key, cause) -> {};

    /** What is under this key was written in another form, or its codec cannot read it: it counts as not there. */
    void onUnreadable(String key, RuntimeException cause);
}
