package io.tsdash.kafka;

import io.tsdash.error.InvalidInputException;
import io.tsdash.kafka.format.Format;
import io.tsdash.kafka.format.FormatHeader;
import io.tsdash.kafka.format.RecordReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * Reads each record in the form that its header names, and those without the header by the reader for plain ones.
 * Thread-safe.
 */
final class HeaderedReader<T> {
    private final byte[] usualHeader;
    private final RecordReader<T> usual;
    private final RecordReader<T> plain;
    private final BiConsumer<ConsumerRecord<byte[], byte[]>, T> told;
    private final Map<Format, RecordReader<T>> readers = new EnumMap<>(Format.class);

    /**
     * @param format what most records are in
     * @param formats the reader of each form
     * @param plain for records without the header
     * @param told of each record that was read, and what it holds
     */
    HeaderedReader(
            Format format,
            Function<Format, ? extends RecordReader<T>> formats,
            RecordReader<T> plain,
            BiConsumer<ConsumerRecord<byte[], byte[]>, T> told) {
        this.plain = plain;
        this.told = told;
        for (Format each : Format.values()) {
            readers.put(each, formats.apply(each));
        }
        usual = formats.apply(format);
        usualHeader = format.headerValue().getBytes(StandardCharsets.US_ASCII);
    }

    /** @throws InvalidInputException if it cannot be read: what, where, and the rule */
    T read(ConsumerRecord<byte[], byte[]> record) {
        T item = item(record);
        told.accept(record, item);
        return item;
    }

    private T item(ConsumerRecord<byte[], byte[]> record) {
        if (record.value() == null) {
            throw new InvalidInputException("value was missing but a record must have one");
        }
        Header header = record.headers().lastHeader(FormatHeader.NAME);
        if (header == null) {
            return plain.read(record.value());
        }
        if (Arrays.equals(header.value(), usualHeader)) {
            return usual.read(record.value());
        }
        Format format = FormatHeader.get(record.headers(), Format.PROTOBUF);
        return readers.getOrDefault(format, plain).read(record.value());
    }
}
