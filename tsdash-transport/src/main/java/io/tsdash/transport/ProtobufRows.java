package io.tsdash.transport;

import io.tsdash.delta.RecordSchema;
import io.tsdash.distribution.MarketSchemas;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * How the rows of a schema that has a message of its own in {@code tsdash.proto} are numbered there. Immutable.
 *
 * @param listField of {@code Snapshot} and {@code Delta}
 * @param schema the fields
 * @param numbers by field of the schema
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ProtobufRows(int listField, RecordSchema schema, int[] numbers) {
    /** The list of rows without a message of their own. */
    static final int RECORDS = 9;

    /** Names of fields that vanished, in every kind of row. */
    static final int VANISHED = 14;

    /** Whether the row is removed, in every kind of row. */
    static final int REMOVED = 15;

    /** {@code PriceUpdate.type}, which says what the frame says too, for those who read rows alone. */
    static final int TYPE = 5;

    static final ProtobufRows PRICES = numbered(
            6,
            MarketSchemas.PRICE,
            Map.ofEntries(
                    Map.entry("symbol", 1),
                    Map.entry("price", 2),
                    Map.entry("volume", 3),
                    Map.entry("time", 4),
                    Map.entry("size", 6),
                    Map.entry("side", 7),
                    Map.entry("open", 8),
                    Map.entry("bid", 9),
                    Map.entry("ask", 10),
                    Map.entry("bidSize", 11),
                    Map.entry("askSize", 12),
                    Map.entry("stale", 13)));
    private static final ProtobufRows BARS = numbered(
            7,
            MarketSchemas.BAR,
            Map.ofEntries(
                    Map.entry("openTime", 1),
                    Map.entry("closeTime", 2),
                    Map.entry("open", 3),
                    Map.entry("high", 4),
                    Map.entry("low", 5),
                    Map.entry("close", 6),
                    Map.entry("volume", 7),
                    Map.entry("vwap", 8),
                    Map.entry("trades", 9),
                    Map.entry("revision", 10),
                    Map.entry("state", 11)));
    private static final ProtobufRows TRADES = numbered(
            8, MarketSchemas.TRADE, Map.of("time", 1, "id", 2, "price", 3, "volume", 4, "side", 5, "version", 6));
    private static final List<ProtobufRows> ALL = List.of(PRICES, BARS, TRADES);

    /** Numbers go by name, since the order of a schema's fields may change and those of the wire may not. */
    private static ProtobufRows numbered(int listField, RecordSchema schema, Map<String, Integer> byName) {
        int[] numbers = new int[schema.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Objects.requireNonNull(byName.get(schema.name(i)), schema.name(i));
        }
        return new ProtobufRows(listField, schema, numbers);
    }

    static Optional<ProtobufRows> of(RecordSchema schema) {
        for (ProtobufRows each : ALL) {
            if (each.schema.equals(schema)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    static Optional<ProtobufRows> inList(int field) {
        return ALL.stream().filter(each -> each.listField == field).findFirst();
    }

    /** Returns the schema's field with this number, or -1. */
    int field(int number) {
        for (int i = 0; i < numbers.length; i++) {
            if (numbers[i] == number) {
                return i;
            }
        }
        return -1;
    }
}
