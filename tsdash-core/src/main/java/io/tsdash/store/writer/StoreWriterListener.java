package io.tsdash.store.writer;

import io.tsdash.model.Trade;

/** Hears of everything that a writer to a store does, with the store's name. Called from its threads; must not block. */
public interface StoreWriterListener {
    /** Hears nothing. */
    StoreWriterListener NONE = new StoreWriterListener() {};

    /** The store acknowledged a batch. */
    default void onStored(String store, int trades, int duplicates, long nanos) {}

    /** A write failed in passing and is tried again. */
    default void onStoreRetry(String store, int trades, int attempt, RuntimeException cause) {}

    /** The store is away: the batch waits on disk. */
    default void onSpilled(String store, int trades, RuntimeException cause) {}

    /** The spill has no room, or cannot be written: whoever brings trades waits. */
    default void onSpillFull(String store, String reason) {}

    /** A batch that waited on disk is in the store. */
    default void onReplayed(String store, int trades) {}

    /** The store refuses this one trade for good; it is kept in the file of those set aside, if there is one. */
    default void onSetAside(String store, Trade trade, RuntimeException reason) {}

    /** These trades are in no store and on no disk. */
    default void onLost(String store, int trades, RuntimeException cause) {}

    /** The store takes writes again, and nothing waits on disk any more. */
    default void onBack(String store) {}

    /** What another run left on disk is damaged in part; the file is kept under another name. */
    default void onSpillDamaged(String store, String file, String reason) {}
}
