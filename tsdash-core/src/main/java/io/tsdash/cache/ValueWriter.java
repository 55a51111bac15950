package io.tsdash.cache;

/** Writes values to where they are kept for good. Thread-safe; may block, within a time of its own. */
@FunctionalInterface
public interface ValueWriter<V> {

    /**
     * Writes a value in place of the one of this key; when this returns, it is kept.
     *
     * @throws io.tsdash.error.TsdashException if it is not, or that is not known
     */
    void write(String key, V value);
}
