package io.tsdash.cache;

/**
 * What was done beside a cache so far.
 *
 * @param hits answered from the cache, fresh
 * @param staleHits answered from the cache, marked stale
 * @param misses not answered from the cache
 * @param loads values asked of the loader
 * @param loadFailures those of them that failed
 * @param loadNanos how long all loads took together
 * @param abandoned those of the loads that did not end in time
 * @param refused loads for which there was no place
 * @param cacheFailures reads and writes of the cache that failed
 */
public record CacheCounts(
        long hits,
        long staleHits,
        long misses,
        long loads,
        long loadFailures,
        long loadNanos,
        long abandoned,
        long refused,
        long cacheFailures) {

    /** Returns the share of questions that the cache answered, from 0 to 1; 0 before the first one. */
    public double hitRate() {
        long asked = hits + staleHits + misses;
        return asked == 0 ? 0 : (double) (hits + staleHits) / asked;
    }
}
