package io.tsdash.kafka.format;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing array of bytes that can be written over. Single-threaded. */
final class ByteOutput {
    private static final int INITIAL = 256;

    private byte[] bytes = new byte[INITIAL];
    private int size;

    int size() {
        return size;
    }

    void put(int value) {
        if (size == bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * size);
        }
        bytes[size++] = (byte) value;
    }

    void put(byte[] source) {
        room(source.length);
        System.arraycopy(source, 0, bytes, size, source.length);
        size += source.length;
    }

    void set(int index, int value) {
        bytes[index] = (byte) value;
    }

    /** Makes room for some bytes before those from an index on. */
    void insert(int index, int count) {
        room(count);
        System.arraycopy(bytes, index, bytes, index + count, size - index);
        size += count;
    }

    void bigEndian(long value, int count) {
        for (int shift = 8 * (count - 1); shift >= 0; shift -= 8) {
            put((int) (value >>> shift));
        }
    }

    void littleEndian(long value) {
        room(Long.BYTES);
        for (int i = 0; i < Long.BYTES; i++) {
            bytes[size++] = (byte) (value >>> (8 * i));
        }
    }

    void varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            put((int) rest | 0x80);
            rest >>>= 7;
        }
        put((int) rest);
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    private void room(int more) {
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more));
        }
    }
}
