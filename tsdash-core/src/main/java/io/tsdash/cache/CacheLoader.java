package io.tsdash.cache;

import java.util.Optional;

/** Finds the value of a key where it comes from. Called on threads of the cache, for several keys at once; may block. */
@FunctionalInterface
public interface CacheLoader<V> {

    /**
     * Returns the value; empty when there is none.
     *
     * @throws Exception if it cannot be found; a {@link io.tsdash.error.TsdashException} says whether trying again can help
     */
    Optional<V> load(String key) throws Exception;
}
