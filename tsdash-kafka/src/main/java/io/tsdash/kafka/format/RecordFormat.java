package io.tsdash.kafka.format;

/**
 * Writes and reads the values of one topic, exactly: what was written is read back equal. Thread-safe.
 *
 * @param <T> what a record holds
 */
public interface RecordFormat<T> extends RecordReader<T> {

    /** Returns the form, which the header of each record names. */
    Format format();

    /** Writes one value. */
    byte[] write(T value);
}
