package io.tsdash.kafka.streams;

import io.tsdash.error.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.processor.StreamPartitioner;

/**
 * The key of a bar or a profile in its topic: the symbol, {@code @}, and when the window opened, in nanoseconds since the
 * epoch. So compaction keeps the last word on each window, and a table of the topic holds each bar once.
 *
 * <p>The partition goes by the symbol alone, by the rule of Kafka's own clients, so all bars of a symbol are in one.
 *
 * @param symbol the symbol; it may hold {@code @} too
 * @param openTimeNanos when the window opened
 */
public record WindowKey(String symbol, long openTimeNanos) {
    private static final char SEPARATOR = '@';

    /** Puts records whose keys are {@link #text} into the partition of their symbol. Stateless. */
    static final StreamPartitioner<String, Object> BY_SYMBOL = (topic, key, value, partitions) ->
            Optional.of(Set.of(partition(parse(key).symbol(), partitions)));

    /** Returns the key as it stands in a record. */
    public String text() {
        return symbol + SEPARATOR + openTimeNanos;
    }

    /**
     * Reads a key.
     *
     * @throws InvalidInputException if it is none
     */
    public static WindowKey parse(String text) {
        int end = text.lastIndexOf(SEPARATOR);
        try {
            if (end > 0) {
                return new WindowKey(text.substring(0, end), Long.parseLong(text.substring(end + 1)));
            }
        } catch (NumberFormatException e) {
            // Not a key either way: the same message serves.
        }
        throw InvalidInputException.of("key", text, "must be a symbol, '@' and the nanoseconds when a window opened");
    }

    private static int partition(String symbol, int partitions) {
        return Utils.toPositive(Utils.murmur2(symbol.getBytes(StandardCharsets.UTF_8))) % partitions;
    }
}
