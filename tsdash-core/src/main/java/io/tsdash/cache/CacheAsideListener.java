package io.tsdash.cache;

/** Hears of what goes wrong beside a cache, with its kind. Called from threads of callers and of the cache; must not block. */
public interface CacheAsideListener {
    /** Hears nothing. */
    CacheAsideListener NONE = new CacheAsideListener() {};

    /**
     * A load has come to an end; what went wrong with it is told as well.
     *
     * @param nanos how long it took; one that was given up, until then
     */
    default void onLoadEnded(String kind, LoadOutcome outcome, long nanos) {}

    /** A value could not be found. */
    default void onLoadFailed(String kind, String key, RuntimeException cause) {}

    /** A loader has not answered in time; its thread was interrupted, and what it may still find is not kept. */
    default void onLoadAbandoned(String kind, String key) {}

    /** All threads and places of the loader are taken. */
    default void onLoadRefused(String kind, String key) {}

    /** The cache itself could not be read or written. What was written elsewhere may be hidden by an old entry until that expires. */
    default void onCacheFailed(String kind, String key, RuntimeException cause) {}
}
