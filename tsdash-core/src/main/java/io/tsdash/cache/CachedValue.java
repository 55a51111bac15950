package io.tsdash.cache;

import java.util.Optional;

/**
 * What a cache answers.
 *
 * @param value what was found; empty: there is nothing
 * @param ageNanos how long ago it was found
 * @param stale whether it is older than it should be, and was given out for want of a newer one
 */
public record CachedValue<V>(Optional<V> value, long ageNanos, boolean stale) {}
