package io.tsdash.kafka.streams;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/**
 * A record that could not be used: key, value and headers as they came, and in further headers where, and why. Of a value
 * so large that with these headers it could be refused, only the beginning is kept: the whole is where it came from.
 */
final class DeadLetter {
    private static final int VALUE_MAX = 900_000; // a broker takes a megabyte
    private static final int BEGINNING = 1_000;

    private DeadLetter() {}

    static Record<Object, Object> of(Record<byte[], byte[]> record, RecordMetadata origin, String reason) {
        byte[] value = record.value();
        boolean cut = value != null && value.length > VALUE_MAX;
        Headers headers = cut ? new RecordHeaders() : new RecordHeaders(record.headers());
        if (cut) {
            put(headers, "tsdash-length", Integer.toString(value.length));
            value = Arrays.copyOf(value, BEGINNING);
        }
        put(headers, "tsdash-reason", reason);
        put(headers, "tsdash-topic", origin.topic());
        put(headers, "tsdash-partition", Integer.toString(origin.partition()));
        put(headers, "tsdash-offset", Long.toString(origin.offset()));
        return new Record<>(record.key(), value, record.timestamp(), headers);
    }

    private static void put(Headers headers, String name, String value) {
        headers.remove(name);
        headers.add(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
