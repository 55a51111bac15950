package io.tsdash.kafka.format;

import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes values into records of Kafka, and the form into their header. Thread-safe.
 *
 * @param <T> what a record holds
 */
public final class RecordSerializer<T> implements Serializer<T> {
    private final RecordFormat<T> format;

    /** @param format the form to write */
    public RecordSerializer(RecordFormat<T> format) {
        this.format = format;
    }

    @Override
    @SuppressWarnings("NullAway") // Kafka's null value, which deletes a key, is passed on
    public byte[] serialize(String topic, @Nullable T value) {
        return value == null ? null : format.write(value);
    }

    @Override
    public byte[] serialize(String topic, Headers headers, @Nullable T value) {
        FormatHeader.put(headers, format.format());
        return serialize(topic, value);
    }
}
