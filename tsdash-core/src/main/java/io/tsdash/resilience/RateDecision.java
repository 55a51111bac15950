package io.tsdash.resilience;

/**
 * What a limiter answers to one request.
 *
 * @param allowed whether it may pass; its permits are taken then, and none otherwise
 * @param limit the size of the bucket that is nearest to empty, in permits
 * @param remaining whole permits left in it
 * @param waitNanos until the same request would pass if nobody else came; 0 when it was allowed, {@link Long#MAX_VALUE} when
 *     it asks for more than the bucket ever holds
 * @param resetNanos until that bucket is full again if nobody else came
 */
public record RateDecision(boolean allowed, long limit, long remaining, long waitNanos, long resetNanos) {}
