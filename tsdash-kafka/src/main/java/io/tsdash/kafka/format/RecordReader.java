package io.tsdash.kafka.format;

import io.tsdash.error.InvalidInputException;

/**
 * Reads the values of one topic. Thread-safe.
 *
 * @param <T> what a record holds
 */
@FunctionalInterface
public interface RecordReader<T> {

    /**
     * Reads one value.
     *
     * @throws InvalidInputException if the bytes hold no such value: what, where, and the rule. Nothing else is thrown,
     *     whatever the bytes are
     */
    T read(byte[] bytes);
}
