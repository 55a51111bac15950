package io.tsdash.aggregation;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The key of a piece of state: symbol, zero, kind, and what the kind adds. No symbol holds a zero, so keys are
 * unambiguous; what belongs to the whole partition has an empty symbol.
 *
 * @param symbol the symbol, empty for the partition
 * @param kind one of the kinds below
 * @param major start of what the piece is about, or 0
 * @param minor number within it, or 0
 */
record StateKey(String symbol, byte kind, long major, int minor) {
    /** What the state was made with. */
    static final byte SETTINGS = 1;
    /** The clock of the partition. */
    static final byte PARTITION = 2;
    /** All of a symbol that is small. */
    static final byte HEAD = 3;
    /** The settled part of a window: open time, and number of the interval. */
    static final byte SETTLED = 4;
    /** Trades: start of their pane, and number of the chunk. */
    static final byte TRADES = 5;

    private static final int TAIL = 2 + Long.BYTES + Integer.BYTES;

    byte[] bytes() {
        byte[] text = symbol.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(text.length + TAIL)
                .put(text)
                .put((byte) 0)
                .put(kind)
                .putLong(major)
                .putInt(minor)
                .array();
    }

    static StateKey of(byte[] key) {
        ByteBuffer in = ByteBuffer.wrap(key, key.length - TAIL + 1, TAIL - 1);
        return new StateKey(
                new String(key, 0, key.length - TAIL, StandardCharsets.UTF_8), in.get(), in.getLong(), in.getInt());
    }
}
