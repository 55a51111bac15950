package io.tsdash.redis;

/** What a shared limiter does while Redis is away. */
public enum LimiterAway {
    /** Lets all pass: the limit is lifted meanwhile. */
    ALLOW,
    /** Lets nothing pass: who asks is to try again after the connection's timeout. */
    REFUSE,
    /** Goes by buckets of this node alone, of its share of the limits: together nodes let pass what they would have. */
    LOCAL_SHARE
}
