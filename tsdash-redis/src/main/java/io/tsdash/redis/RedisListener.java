package io.tsdash.redis;

/** Hears of the connection to a Redis, with where it is. Called from threads of the client and of callers; must not block. */
public interface RedisListener {
    /** Hears nothing. */
    RedisListener NONE = new RedisListener() {};

    /** A command got no answer, and the one before it did. */
    default void onAway(String where, RuntimeException cause) {}

    /** Commands are answered again. */
    default void onBack(String where) {}
}
