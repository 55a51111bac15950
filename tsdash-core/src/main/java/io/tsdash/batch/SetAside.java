package io.tsdash.batch;

import java.io.IOException;

/** Keeps items that their target refuses for good, with the reason. Thread-safe. */
@FunctionalInterface
public interface SetAside<T> {

    /** @throws IOException if it cannot be kept; the item counts as lost then */
    void add(T item, String reason) throws IOException;
}
