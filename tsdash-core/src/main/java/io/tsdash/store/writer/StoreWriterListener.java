package io.tsdash.store.writer;

import io.tsdash.batch.BatchListener;
import io.tsdash.model.Trade;

/** Hears of everything that a writer to a store does, with the store's name. Called from its threads; must not block. */
public interface StoreWriterListener extends BatchListener<Trade> {
    /** Hears nothing. */
    StoreWriterListener NONE = new StoreWriterListener() {};
}
