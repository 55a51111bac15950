package io.tsdash.delta;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The CRC-32 of a state, the same on server and client whatever the form of the wire between them.
 *
 * <p>It is taken over the text that {@code docs/codecs.md} describes: rows in order of key, the present fields of
 * each in order of name, numbers as the bits of their double. Single-threaded.
 */
public final class StateChecksum {
    private final CRC32 crc = new CRC32();
    private final StringBuilder text = new StringBuilder();

    /** Adds the next row; rows come in the order of their keys. */
    public void add(RecordBuffer row) {
        TreeMap<String, Integer> fields = new TreeMap<>();
        for (long rest = row.present(); rest != 0; rest &= rest - 1) {
            int field = Long.numberOfTrailingZeros(rest);
            fields.put(row.schema().name(field), field);
        }
        fields.forEach((name, field) -> field(name, row.value(field)));
        endRow();
    }

    /** Adds the next row as a client has it: from field name to value. */
    public void add(Map<String, @Nullable Object> row) {
        new TreeMap<>(row).forEach(this::field);
        endRow();
    }

    /** Returns the checksum of the rows so far. */
    public long value() {
        return crc.getValue();
    }

    private void field(String name, @Nullable Object value) {
        if (value == null) {
            return;
        }
        text.append(name).append('=');
        if (value instanceof Number number) {
            text.append('n').append(hex(number.doubleValue()));
        } else if (value instanceof Boolean flag) {
            text.append(flag ? "b1" : "b0");
        } else if (value instanceof List<?> list) {
            text.append('l').append(list.size());
            list.forEach(each -> text.append(',').append(each));
        } else {
            text.append('s').append(value);
        }
        text.append('\n');
    }

    private void endRow() {
        text.append('\n');
        crc.update(text.toString().getBytes(StandardCharsets.UTF_8));
        text.setLength(0);
    }

    private static String hex(double value) {
        String digits = Long.toHexString(Double.doubleToRawLongBits(value));
        return "0".repeat(16 - digits.length()) + digits;
    }
}
