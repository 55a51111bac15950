package io.tsdash.kafka;

import io.tsdash.error.InvalidInputException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * A record, and what it holds or why that cannot be read.
 *
 * <p>It is read by the thread that polled it, whose processor has it at hand: read by the one that calls the handler, headers and
 * bytes come over from there one by one, which costs more than to read them.
 *
 * @param value is there, or {@code refusal} is
 */
record Polled<T>(
        ConsumerRecord<byte[], byte[]> record,
        @Nullable T value,
        @Nullable InvalidInputException refusal) {

    static <T> Polled<T> read(ConsumerRecord<byte[], byte[]> record, Sink<T> sink) {
        try {
            return new Polled<>(record, sink.read(record), null);
        } catch (InvalidInputException e) {
            return new Polled<>(record, null, e);
        }
    }

    long offset() {
        return record.offset();
    }
}
