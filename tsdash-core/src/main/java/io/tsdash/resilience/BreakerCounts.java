package io.tsdash.resilience;

/**
 * What a breaker has counted.
 *
 * @param calls in its window; 0 unless it is closed
 * @param failed of these
 * @param slow of these, failed or not
 * @param refused since it was made
 */
public record BreakerCounts(long calls, long failed, long slow, long refused) {}
