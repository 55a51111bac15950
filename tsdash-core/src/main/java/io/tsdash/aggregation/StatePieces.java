package io.tsdash.aggregation;

import java.util.function.BiConsumer;

/**
 * Keeps the state of an aggregation outside of it, in small pieces by key, so that another process can go on from it.
 *
 * <p>After each save the pieces are the whole state of that moment, and a save writes only what changed since the one
 * before: so the pieces of one save must be kept all or none. Keys are opaque, of one aggregation and one partition.
 * Called on the thread of the aggregation.
 */
public interface StatePieces {

    /** Keeps a piece in place of what this key had. Neither array is changed afterwards. */
    void put(byte[] key, byte[] piece);

    /** Forgets the piece of a key, if there is one. */
    void delete(byte[] key);

    /** Gives each key and its piece, in any order. */
    void forEach(BiConsumer<byte[], byte[]> visitor);
}
