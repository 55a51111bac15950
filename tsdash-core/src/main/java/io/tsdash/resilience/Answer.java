package io.tsdash.resilience;

import java.time.Duration;

/**
 * A value, and what its reader should know about it.
 *
 * @param value what was found
 * @param source the name of the source that had it
 * @param age how long ago it was so; never negative
 * @param stale whether something newer may exist: it comes from another source than the first, or is older than the chain takes
 *     for fresh
 */
public record Answer<V>(V value, String source, Duration age, boolean stale) {}
