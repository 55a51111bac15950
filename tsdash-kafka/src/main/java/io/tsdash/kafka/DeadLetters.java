package io.tsdash.kafka;

import io.tsdash.error.TransientException;
import io.tsdash.time.TimeSource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * The topic of what a consumer could not use: the records as they were, with headers that say why, by whom, and from where.
 * Of a value so large that with these headers it could be refused, only the beginning is kept: the whole is where it came
 * from. Thread-safe.
 */
final class DeadLetters {
    /** Long enough for people to come back from a holiday. */
    static final Duration RETENTION = Duration.ofDays(14);

    private static final int VALUE_BYTES_MAX = 900_000; // brokers and producers take a megabyte unless told otherwise
    private static final int BEGINNING_BYTES = 1_000;
    private static final int REASON_CHARACTERS_MAX = 1_000;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final Producer<byte[], byte[]> producer;
    private final String topic;
    private final Duration timeout;
    private final TimeSource time;

    DeadLetters(Producer<byte[], byte[]> producer, String topic, Duration timeout, TimeSource time) {
        this.producer = producer;
        this.topic = topic;
        this.timeout = timeout;
        this.time = time;
    }

    /** Begins to send a record that a consumer could not use; {@link #await} says when it is there. */
    Future<RecordMetadata> send(String consumer, ConsumerRecord<byte[], byte[]> record, RuntimeException reason) {
        byte[] value = record.value();
        byte[] key = record.key();
        Headers headers = new RecordHeaders();
        if (record.serializedKeySize() + record.serializedValueSize() + size(record.headers()) <= VALUE_BYTES_MAX) {
            headers = new RecordHeaders(record.headers().toArray());
        } else {
            put(headers, "tsdash-length", Integer.toString(record.serializedValueSize()));
            value = beginning(value);
            key = beginning(key);
        }
        put(headers, "tsdash-reason", text(reason));
        put(headers, "tsdash-consumer", consumer);
        put(headers, "tsdash-topic", record.topic());
        put(headers, "tsdash-partition", Integer.toString(record.partition()));
        put(headers, "tsdash-offset", Long.toString(record.offset()));
        long nanos = time.epochNanos();
        put(
                headers,
                "tsdash-time",
                Instant.ofEpochSecond(nanos / NANOS_PER_SECOND, nanos % NANOS_PER_SECOND)
                        .toString());
        return producer.send(new ProducerRecord<>(topic, null, null, key, value, headers));
    }

    /**
     * Returns when the brokers have acknowledged it.
     *
     * @throws TransientException if they have not in time; it may be waited for again
     * @throws io.tsdash.error.PermanentException if they refuse it
     */
    void await(Future<RecordMetadata> sent) {
        try {
            sent.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new TransientException("topic '" + topic + "' took no dead letter within " + timeout, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientException("interrupted while a dead letter was sent", e);
        } catch (ExecutionException e) {
            throw KafkaErrors.translate("sending a dead letter to topic '" + topic + "'", e);
        }
    }

    private static int size(Headers headers) {
        int bytes = 0;
        for (Header header : headers) {
            bytes += header.key().length() + (header.value() == null ? 0 : header.value().length);
        }
        return bytes;
    }

    private static byte @Nullable [] beginning(byte @Nullable [] bytes) {
        return bytes == null || bytes.length <= BEGINNING_BYTES ? bytes : Arrays.copyOf(bytes, BEGINNING_BYTES);
    }

    private static void put(Headers headers, String name, String value) {
        headers.remove(name);
        headers.add(name, value.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(RuntimeException reason) {
        String text = reason.getMessage() == null ? reason.toString() : reason.getMessage();
        return text.length() <= REASON_CHARACTERS_MAX ? text : text.substring(0, REASON_CHARACTERS_MAX);
    }
}
