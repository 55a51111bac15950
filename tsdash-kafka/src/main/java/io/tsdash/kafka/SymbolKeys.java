package io.tsdash.kafka;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.utils.Utils;

/**
 * The key of a symbol and its partition, by the rule of Kafka's own clients (murmur2 of the key), so that other programs
 * that write the topic put a symbol where we do. Thread-safe.
 */
final class SymbolKeys {
    // Far more than are traded; beyond it keys are made each time.
    private static final int KEPT_MAX = 1 << 17;

    /** One symbol's key. */
    @SuppressWarnings("ArrayRecordComponent") // handed to Kafka's client as it is, never compared
    record Key(byte[] bytes, int partition) {}

    private final int partitions;
    private final Map<String, Key> kept = new ConcurrentHashMap<>();

    SymbolKeys(int partitions) {
        this.partitions = partitions;
    }

    int partitions() {
        return partitions;
    }

    Key of(String symbol) {
        Key key = kept.get(symbol);
        return key == null ? make(symbol) : key;
    }

    private Key make(String symbol) {
        byte[] bytes = symbol.getBytes(StandardCharsets.UTF_8);
        Key key = new Key(bytes, Utils.toPositive(Utils.murmur2(bytes)) % partitions);
        if (kept.size() < KEPT_MAX) {
            kept.put(symbol, key);
        }
        return key;
    }
}
