package io.tsdash.resilience;

/**
 * A value and when it was so.
 *
 * @param value what a source has
 * @param epochNanos when it was so, nanoseconds since the epoch
 */
public record Dated<V>(V value, long epochNanos) {}
