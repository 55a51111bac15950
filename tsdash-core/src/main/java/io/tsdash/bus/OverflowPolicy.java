package io.tsdash.bus;

/** What happens to an event for a consumer that is full. */
public enum OverflowPolicy {
    /** The publisher waits, up to the bus's timeout: nothing is lost. */
    BLOCK,
    /** The event is lost to this consumer, counted and told. */
    DROP_NEWEST
}
