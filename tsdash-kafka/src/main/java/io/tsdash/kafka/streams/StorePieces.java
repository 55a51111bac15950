package io.tsdash.kafka.streams;

import io.tsdash.aggregation.StatePieces;
import java.util.Arrays;
import java.util.function.BiConsumer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/** The state of one aggregation among others in a store: its keys begin with a byte of their own. Single-threaded. */
final class StorePieces implements StatePieces {
    private final KeyValueStore<Bytes, byte[]> store;
    private final byte aggregation;
    private long count;

    StorePieces(KeyValueStore<Bytes, byte[]> store, int aggregation) {
        this.store = store;
        this.aggregation = (byte) aggregation;
    }

    @Override
    public void put(byte[] key, byte[] piece) {
        store.put(prefixed(key), piece);
    }

    @Override
    public void delete(byte[] key) {
        store.delete(prefixed(key));
    }

    @Override
    public void forEach(BiConsumer<byte[], byte[]> visitor) {
        count = 0;
        Bytes from = Bytes.wrap(new byte[] {aggregation});
        Bytes to = Bytes.wrap(new byte[] {(byte) (aggregation + 1)});
        try (KeyValueIterator<Bytes, byte[]> all = store.range(from, to)) {
            while (all.hasNext()) {
                KeyValue<Bytes, byte[]> next = all.next();
                byte[] key = next.key.get();
                if (key[0] == aggregation) {
                    count++;
                    visitor.accept(Arrays.copyOfRange(key, 1, key.length), next.value);
                }
            }
        }
    }

    /** Returns how many pieces there were when they were read. */
    long count() {
        return count;
    }

    private Bytes prefixed(byte[] key) {
        byte[] prefixed = new byte[key.length + 1];
        prefixed[0] = aggregation;
        System.arraycopy(key, 0, prefixed, 1, key.length);
        return Bytes.wrap(prefixed);
    }
}
