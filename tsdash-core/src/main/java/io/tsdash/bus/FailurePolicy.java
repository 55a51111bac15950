package io.tsdash.bus;

/** What happens after a handler has failed for good. */
public enum FailurePolicy {
    /** The consumer stops, and with {@link OverflowPolicy#BLOCK} publishing is refused: better no data than half. */
    STOP,
    /** The batch is skipped, counted and told, and the next one comes. */
    SKIP
}
