package io.tsdash.influx;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Lines of line protocol, in groups that must not be parted.
 *
 * <p>A point is {@code begin}, its fields, and {@code end}; {@link #cut} ends a group. Numbers are written in their shortest
 * exact form. Single-threaded.
 */
final class LineBuffer {
    private static final int START_BYTES = 16 * 1024;

    private byte[] bytes = new byte[START_BYTES];
    private int size;
    private char separator = ' ';
    private int[] cuts = new int[64];
    private int cutCount;

    /** Part of the buffer that is sent as one request. */
    record Part(LineBuffer lines, int offset, int length) {
        byte[] bytes() {
            return lines.bytes;
        }
    }

    LineBuffer begin(String measurement) {
        ascii(measurement);
        separator = ' ';
        return this;
    }

    LineBuffer tag(String name, byte[] escapedValue) {
        put(',');
        ascii(name);
        put('=');
        ensure(escapedValue.length);
        System.arraycopy(escapedValue, 0, bytes, size, escapedValue.length);
        size += escapedValue.length;
        return this;
    }

    LineBuffer field(String name, double value) {
        name(name);
        ascii(Double.toString(value));
        return this;
    }

    LineBuffer field(String name, long value) {
        name(name);
        number(value);
        put('i');
        return this;
    }

    void end(long timeNanos) {
        put(' ');
        number(timeNanos);
        put('\n');
    }

    /** Says that what comes may go in another request than what is there. */
    void cut() {
        if (cutCount == cuts.length) {
            cuts = Arrays.copyOf(cuts, 2 * cutCount);
        }
        cuts[cutCount++] = size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Returns the whole in parts of at most this size, as far as groups allow. */
    List<Part> parts(int bytesMax) {
        return parts(0, size, bytesMax);
    }

    /** Returns the two halves of a part, or itself alone if it is one group. */
    List<Part> halves(Part part) {
        int end = part.offset() + part.length();
        int middle = part.offset() + part.length() / 2;
        int best = part.offset();
        for (int i = 0; i < cutCount; i++) {
            int cut = cuts[i];
            if (cut > part.offset() && cut < end && Math.abs(cut - middle) < Math.abs(best - middle)) {
                best = cut;
            }
        }
        if (best == part.offset()) {
            return List.of(part);
        }
        return List.of(new Part(this, part.offset(), best - part.offset()), new Part(this, best, end - best));
    }

    /** Returns a tag value with its separators escaped. */
    static byte[] escaped(String tagValue) {
        StringBuilder escaped = new StringBuilder(tagValue.length());
        for (int i = 0; i < tagValue.length(); i++) {
            char c = tagValue.charAt(i);
            if (c == ' ' || c == ',' || c == '=') {
                escaped.append('\\');
            }
            escaped.append(c);
        }
        return escaped.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return new String(bytes, 0, size, StandardCharsets.UTF_8);
    }

    private List<Part> parts(int from, int to, int bytesMax) {
        List<Part> parts = new ArrayList<>();
        int start = from;
        int end = from;
        for (int i = 0; i < cutCount; i++) {
            int cut = cuts[i];
            if (cut - start > bytesMax && end > start) {
                parts.add(new Part(this, start, end - start));
                start = end;
            }
            end = cut;
        }
        if (to > end && to - start > bytesMax && end > start) {
            parts.add(new Part(this, start, end - start));
            start = end;
        }
        if (to > start) {
            parts.add(new Part(this, start, to - start));
        }
        return parts;
    }

    private void name(String name) {
        put(separator);
        separator = ',';
        ascii(name);
        put('=');
    }

    private void number(long value) {
        if (value == Long.MIN_VALUE) {
            ascii(Long.toString(value));
            return;
        }
        ensure(20);
        long rest = value;
        if (rest < 0) {
            bytes[size++] = '-';
            rest = -rest;
        }
        int digits = 1;
        for (long left = rest / 10; left != 0; left /= 10) {
            digits++;
        }
        for (int at = size + digits - 1; at >= size; at--) {
            bytes[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        size += digits;
    }

    private void ascii(String text) {
        int length = text.length();
        ensure(length);
        for (int i = 0; i < length; i++) {
            bytes[size + i] = (byte) text.charAt(i);
        }
        size += length;
    }

    private void put(char c) {
        ensure(1);
        bytes[size++] = (byte) c;
    }

    private void ensure(int more) {
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more, bytes.length * 2));
        }
    }
}
