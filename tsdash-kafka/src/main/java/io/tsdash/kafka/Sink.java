package io.tsdash.kafka;

import java.util.List;

/**
 * Where a consumer hands its batches to; as {@link io.tsdash.bus.BatchHandler}, for any kind of record.
 *
 * @param <T> what a record holds
 */
interface Sink<T> {

    /** Takes records of one partition, in order; one thread at a time for each partition of each topic. */
    void onBatch(int partition, List<T> batch);

    /** Makes sure that what it was given is safe; see {@link io.tsdash.bus.BatchHandler#checkpoint()}. */
    void checkpoint();
}
