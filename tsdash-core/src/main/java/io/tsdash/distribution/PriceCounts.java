package io.tsdash.distribution;

/**
 * How many symbols a hub has prices of from a feed. One of which only a price from elsewhere is known, such as a symbol of a watch-list
 * that no feed delivers, is stale for good and does not count.
 *
 * @param all that have a price from a feed
 * @param stale those of them whose price is marked as stale
 */
public record PriceCounts(int all, int stale) {}
