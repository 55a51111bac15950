package io.tsdash.batch;

import java.util.List;

/** Hears of everything that a writer does, with its name. Called from its threads; must not block. */
public interface BatchListener<T> {
    /**
     * The target acknowledged a batch, or all of it but what it refuses for good.
     *
     * @param batch all that was written; valid during the call
     * @param stored how many of them it acknowledged
     * @param duplicates those of the stored that it had already
     * @param nanos how long it took
     */
    default void onStored(String name, List<? extends T> batch, int stored, int duplicates, long nanos) {}

    /** A write failed in passing and is tried again. */
    default void onStoreRetry(String name, int items, int attempt, RuntimeException cause) {}

    /** The target is away: the batch waits on disk. */
    default void onSpilled(String name, int items, RuntimeException cause) {}

    /** The spill has no room, or cannot be written: whoever brings items waits. */
    default void onSpillFull(String name, String reason) {}

    /** A batch that waited on disk is in the target. */
    default void onReplayed(String name, int items) {}

    /** The target refuses this one item for good; it is kept with those set aside, if there is a place for them. */
    default void onSetAside(String name, T item, RuntimeException reason) {}

    /** These items are in no target and on no disk. */
    default void onLost(String name, int items, RuntimeException cause) {}

    /** The target takes writes again, and nothing waits on disk any more. */
    default void onBack(String name) {}

    /** What another run left on disk is damaged in part; the file is kept under another name. */
    default void onSpillDamaged(String name, String file, String reason) {}
}
