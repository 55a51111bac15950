package io.tsdash.transport;

import io.tsdash.delta.RecordSchema;
import io.tsdash.distribution.MarketSchemas;
import java.util.List;
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

    static final ProtobufRows PRICES =
            new ProtobufRows(6, MarketSchemas.PRICE, new int[] {1, 2, 6, 7, 8, 3, 9, 10, 11, 12, 4, 13});
    private static final ProtobufRows BARS =
            new ProtobufRows(7, MarketSchemas.BAR, new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
    private static final ProtobufRows TRADES = new ProtobufRows(8, MarketSchemas.TRADE, new int[] {1, 2, 3, 4, 5, 6});
    private static final List<ProtobufRows> ALL = List.of(PRICES, BARS, TRADES);

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
