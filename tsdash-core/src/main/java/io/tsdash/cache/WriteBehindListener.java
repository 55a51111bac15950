package io.tsdash.cache;

import io.tsdash.batch.BatchListener;

/** Hears of everything on the way to a store behind a cache. Called from threads of callers and of the writer; must not block. */
public interface WriteBehindListener<V> extends BatchListener<KeyedValue<V>> {

    /** The value will reach its store, but the cache could not be written: an old one in it may be read until that expires. */
    default void onCacheFailed(String name, String key, RuntimeException cause) {}
}
