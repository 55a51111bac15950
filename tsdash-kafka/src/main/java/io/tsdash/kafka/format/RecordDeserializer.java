package io.tsdash.kafka.format;

import io.tsdash.error.InvalidInputException;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads values from records of Kafka: in the form that the record's header names, and by the reader of plain records when
 * there is no header. Bytes that hold no such value end in an {@link InvalidInputException}. Thread-safe.
 *
 * @param <T> what a record holds
 */
public final class RecordDeserializer<T> implements Deserializer<T> {
    private final RecordReader<T> plain;
    private final Map<Format, RecordReader<T>> readers = new EnumMap<>(Format.class);

    /**
     * @param plain reads records without the header
     * @param formats each form of these values, such as {@code Formats::bars}
     */
    public RecordDeserializer(RecordReader<T> plain, Function<Format, RecordFormat<T>> formats) {
        this.plain = plain;
        for (Format format : Format.values()) {
            readers.put(format, formats.apply(format));
        }
    }

    /**
     * @param otherwise the form of records without the header
     * @param formats each form of these values, such as {@code Formats::bars}
     */
    public RecordDeserializer(Format otherwise, Function<Format, RecordFormat<T>> formats) {
        this(formats.apply(otherwise), formats);
    }

    @Override
    @SuppressWarnings("NullAway") // Kafka's null value, which deletes a key, is passed on
    public T deserialize(String topic, byte @Nullable [] bytes) {
        return bytes == null ? null : plain.read(bytes);
    }

    @Override
    @SuppressWarnings("NullAway") // as above
    public T deserialize(String topic, Headers headers, byte @Nullable [] bytes) {
        return bytes == null ? null : read(headers, bytes);
    }

    /**
     * Reads the value of a record.
     *
     * @throws InvalidInputException if there is none, the header names an unknown form, or the bytes hold no such value
     */
    public T read(Headers headers, byte @Nullable [] bytes) {
        if (bytes == null) {
            throw new InvalidInputException("value was missing but a record must have one");
        }
        Format named = FormatHeader.get(headers);
        return (named == null ? plain : readers.getOrDefault(named, plain)).read(bytes);
    }
}
