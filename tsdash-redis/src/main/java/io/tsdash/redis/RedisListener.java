package io.tsdash.redis;

/** Hears of the connection to a Redis, with where it is. Called from threads of the client and of callers; must not block. */
public interface RedisListener {
    /** Hears nothing. */
    RedisListener NONE = new RedisListener() {};

    /** A command got no answer, or the server refuses it and others like it, and all was well before. */
    default void onAway(String where, RuntimeException cause) {}

    /** Commands are answered again, those too that were refused. */
    default void onBack(String where) {}
}
