package io.tsdash.batch;

import java.io.IOException;
import java.util.List;

/** A batch as bytes on disk, and back. Thread-safe. */
public interface BatchCodec<T> {

    /** Returns the bytes of a batch, at least four. */
    byte[] encode(List<T> batch);

    /** @throws IOException if the bytes are not those of a batch */
    List<T> decode(byte[] bytes) throws IOException;
}
