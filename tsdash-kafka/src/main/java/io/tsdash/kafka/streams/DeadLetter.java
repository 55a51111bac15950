package io.tsdash.kafka.streams;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/** A record that could not be used: key, value and headers as they came, and in further headers where, and why. */
final class DeadLetter {

    private DeadLetter() {}

    static Record<Object, Object> of(Record<byte[], byte[]> record, RecordMetadata origin, String reason) {
        Headers headers = new RecordHeaders(record.headers());
        put(headers, "tsdash-reason", reason);
        put(headers, "tsdash-topic", origin.topic());
        put(headers, "tsdash-partition", Integer.toString(origin.partition()));
        put(headers, "tsdash-offset", Long.toString(origin.offset()));
        return new Record<>(record.key(), record.value(), record.timestamp(), headers);
    }

    private static void put(Headers headers, String name, String value) {
        headers.remove(name);
        headers.add(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
