package io.tsdash.transport;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes the wire format of Protobuf into one array that grows, without objects in between. The library's own writer
 * must be told the length of each message before its first byte; this one puts it in afterwards. Single-threaded.
 */
final class ProtobufWriter {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH = 2;
    private static final int VARINT_MAX = 10;

    private byte[] bytes = new byte[1 << 12];
    private int size;

    void clear() {
        size = 0;
    }

    byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    /** Begins a message; returns what {@link #end} must know. */
    int begin(int field) {
        tag(field, LENGTH);
        return size;
    }

    /** Ends a message: its length goes before it. */
    void end(int begun) {
        int length = size - begun;
        int prefix = varintBytes(length);
        room(prefix);
        System.arraycopy(bytes, begun, bytes, begun + prefix, length);
        size = begun;
        varint(length);
        size += length;
    }

    void integer(int field, long value) {
        tag(field, VARINT);
        varint(value);
    }

    /** Writes an integer that need not be there when it is 0. */
    void integerOrNone(int field, long value) {
        if (value != 0) {
            integer(field, value);
        }
    }

    void flag(int field, boolean value) {
        integer(field, value ? 1 : 0);
    }

    void number(int field, double value) {
        tag(field, FIXED64);
        room(Long.BYTES);
        long bits = Double.doubleToRawLongBits(value);
        for (int i = 0; i < Long.BYTES; i++) {
            bytes[size++] = (byte) (bits >>> (i * Byte.SIZE));
        }
    }

    /** Writes a text that need not be there when it is empty. */
    void textOrNone(int field, String value) {
        if (!value.isEmpty()) {
            text(field, value);
        }
    }

    void text(int field, String value) {
        tag(field, LENGTH);
        int length = value.length();
        room(VARINT_MAX + length);
        int before = size;
        varint(length);
        for (int i = 0; i < length; i++) {
            char next = value.charAt(i);
            if (next >= 0x80) {
                size = before;
                utf8(value);
                return;
            }
            bytes[size++] = (byte) next;
        }
    }

    private void utf8(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        varint(utf8.length);
        room(utf8.length);
        System.arraycopy(utf8, 0, bytes, size, utf8.length);
        size += utf8.length;
    }

    private void tag(int field, int type) {
        varint((long) field << 3 | type);
    }

    private void varint(long value) {
        room(VARINT_MAX);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
    }

    private static int varintBytes(int value) {
        return (Integer.SIZE - Integer.numberOfLeadingZeros(value | 1) + 6) / 7;
    }

    private void room(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more));
        }
    }
}
