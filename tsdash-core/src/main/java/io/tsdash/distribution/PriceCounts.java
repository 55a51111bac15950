package io.tsdash.distribution;

/**
 * How many symbols a hub knows prices of.
 *
 * @param all that have a price
 * @param stale those of them whose price is marked as stale
 */
public record PriceCounts(int all, int stale) {}
