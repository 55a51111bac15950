package io.tsdash.pipeline;

import io.tsdash.store.writer.StoreWriterCounts;

/**
 * How a pipeline's writers to a store are.
 *
 * @param store its name
 * @param counts what was done so far for its trades; nothing where it gets bars alone
 * @param barsWaiting bars that it has not acknowledged
 * @param barsBehindNanos how long ago it had all bars; 0 while it has
 * @param problem why the store does not take trades or bars; empty while it does
 */
public record StoreState(
        String store, StoreWriterCounts counts, long barsWaiting, long barsBehindNanos, String problem) {}
