package io.tsdash.kafka.format;

import io.tsdash.error.InvalidInputException;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads values from records of Kafka: in the form that the record's header names, or the configured one when there is no
 * header. Bytes that hold no such value end in an {@link InvalidInputException}. Thread-safe.
 *
 * @param <T> what a record holds
 */
public final class RecordDeserializer<T> implements Deserializer<T> {
    private final Format otherwise;
    private final Map<Format, RecordFormat<T>> formats = new EnumMap<>(Format.class);

    /**
     * @param otherwise the form of records without the header
     * @param formats each form of these values, such as {@code Formats::bars}
     */
    public RecordDeserializer(Format otherwise, Function<Format, RecordFormat<T>> formats) {
        this.otherwise = otherwise;
        for (Format format : Format.values()) {
            this.formats.put(format, formats.apply(format));
        }
    }

    @Override
    @SuppressWarnings("NullAway") // Kafka's null value, which deletes a key, is passed on
    public T deserialize(String topic, byte @Nullable [] bytes) {
        return bytes == null ? null : read(otherwise, bytes);
    }

    @Override
    @SuppressWarnings("NullAway") // as above
    public T deserialize(String topic, Headers headers, byte @Nullable [] bytes) {
        return bytes == null ? null : read(headers, bytes);
    }

    /**
     * Reads the value of a record.
     *
     * @throws InvalidInputException if the header names an unknown form, or the bytes hold no such value
     */
    public T read(Headers headers, byte[] bytes) {
        return read(FormatHeader.get(headers, otherwise), bytes);
    }

    @SuppressWarnings("NullAway") // each form is there
    private T read(Format format, byte[] bytes) {
        return formats.get(format).read(bytes);
    }
}
