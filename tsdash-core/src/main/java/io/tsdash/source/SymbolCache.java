package io.tsdash.source;

import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Gives the same String for the same bytes, so that a tape of millions of rows makes a few strings.
 *
 * <p>Direct-mapped and bounded: two symbols that share a slot replace each other, which costs time and nothing else.
 */
final class SymbolCache {
    private static final int SLOTS = 1 << 12;

    private final byte[] @Nullable [] keys = new byte[SLOTS][];
    private final String[] symbols = new String[SLOTS];

    String get(Fields fields, int field) throws CharacterCodingException {
        byte[] bytes = fields.bytes();
        int from = fields.start(field);
        int to = fields.end(field);
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + bytes[i];
        }
        int slot = (hash ^ hash >>> 16) & SLOTS - 1;
        byte[] key = keys[slot];
        if (key == null || !Arrays.equals(key, 0, key.length, bytes, from, to)) {
            symbols[slot] = fields.text(field);
            keys[slot] = Arrays.copyOfRange(bytes, from, to);
        }
        return symbols[slot];
    }
}
