package io.tsdash.kafka.format;

import java.io.IOException;

/** Which fields a kind of record has; the same for all forms. Thread-safe. */
interface Shape<T> {

    void write(T value, FieldWriter out);

    T read(FieldReader in) throws IOException;
}
