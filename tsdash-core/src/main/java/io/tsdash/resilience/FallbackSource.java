package io.tsdash.resilience;

import java.util.Optional;

/**
 * Where values may be found. Called by the threads that ask the chain; thread-safe.
 *
 * @param <K> what is asked for
 * @param <V> what is found
 */
@FunctionalInterface
public interface FallbackSource<K, V> {

    /**
     * Finds a value.
     *
     * @return the value; empty when there is none
     * @throws Exception if that cannot be said now
     */
    Optional<Dated<V>> find(K key) throws Exception;
}
