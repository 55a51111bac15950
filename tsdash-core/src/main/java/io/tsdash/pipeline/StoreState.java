package io.tsdash.pipeline;

import io.tsdash.store.writer.StoreWriterCounts;

/**
 * How a pipeline's writer to a store is.
 *
 * @param store its name
 * @param counts what it has done so far
 * @param problem why the store does not take writes; empty while it does
 */
public record StoreState(String store, StoreWriterCounts counts, String problem) {}
