package io.tsdash.kafka;

import io.tsdash.error.InvalidInputException;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Reads a consumer's records and takes its batches; as {@link io.tsdash.bus.BatchHandler}, for any kind of record.
 *
 * @param <T> what a record holds
 */
interface Sink<T> {

    /**
     * Returns what a record holds; the thread that polls.
     *
     * @throws InvalidInputException if it cannot be read: what, and the rule
     */
    T read(ConsumerRecord<byte[], byte[]> record);

    /** Takes records of one partition, in order; one thread at a time for each partition of each topic. */
    void onBatch(int partition, List<T> batch);

    /** Makes sure that what it was given is safe; see {@link io.tsdash.bus.BatchHandler#checkpoint()}. */
    void checkpoint();
}
