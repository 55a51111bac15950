package io.tsdash.source;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * The fields of one CSV line, as places in its bytes.
 *
 * <p>A field may stand in double quotes, with a quote inside it doubled (RFC 4180, without line breaks). Reused for
 * every line; single-threaded.
 */
final class Fields {
    private final int[] starts;
    private final int[] ends;
    private byte[] bytes = {};
    private int count;

    /** @param countMax fields beyond this are counted but not kept */
    Fields(int countMax) {
        starts = new int[countMax];
        ends = new int[countMax];
    }

    /** Splits a line; returns the number of fields. */
    int split(byte[] line, int from, int to) {
        for (int i = from; i < to; i++) {
            if (line[i] == '"') {
                return splitQuoted(line, from, to);
            }
        }
        bytes = line;
        count = 0;
        int start = from;
        for (int i = from; i < to; i++) {
            if (line[i] == ',') {
                keep(start, i);
                start = i + 1;
            }
        }
        keep(start, to);
        return count;
    }

    byte[] bytes() {
        return bytes;
    }

    int start(int field) {
        return starts[field];
    }

    int end(int field) {
        return ends[field];
    }

    boolean isEmpty(int field) {
        return starts[field] == ends[field];
    }

    /** Returns the field as text; @throws CharacterCodingException if it is no UTF-8. */
    String text(int field) throws CharacterCodingException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes, starts[field], ends[field] - starts[field]))
                .toString();
    }

    private int splitQuoted(byte[] line, int from, int to) {
        byte[] plain = new byte[to - from];
        bytes = plain;
        count = 0;
        int length = 0;
        int start = 0;
        boolean quoted = false;
        for (int i = from; i < to; i++) {
            byte b = line[i];
            if (b == '"' && quoted && i + 1 < to && line[i + 1] == '"') {
                plain[length++] = b;
                i++;
            } else if (b == '"') {
                quoted = !quoted;
            } else if (b == ',' && !quoted) {
                keep(start, length);
                start = length;
            } else {
                plain[length++] = b;
            }
        }
        keep(start, length);
        return count;
    }

    private void keep(int start, int end) {
        if (count < starts.length) {
            starts[count] = start;
            ends[count] = end;
        }
        count++;
    }
}
