package io.tsdash.delta;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A row of bytes that grows, with the numbers of the compact form. Made to be used again. Single-threaded. */
public final class ByteWriter {
    private static final int VARINT_MAX = 10;

    private byte[] bytes;
    private int size;

    /** @param capacity bytes that it takes before it grows */
    public ByteWriter(int capacity) {
        bytes = new byte[Math.max(VARINT_MAX, capacity)];
    }

    /** Forgets what was written. */
    public void reset() {
        size = 0;
    }

    /** Returns the number of bytes written. */
    public int size() {
        return size;
    }

    /** Returns a copy of what was written. */
    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    /** Writes a byte. */
    public void write(int value) {
        room(1);
        bytes[size++] = (byte) value;
    }

    /** Writes an unsigned LEB128. */
    public void writeVarint(long value) {
        room(VARINT_MAX);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
    }

    /** Writes a signed number, small ones in few bytes. */
    public void writeZigzag(long value) {
        writeVarint(zigzag(value));
    }

    /** Writes eight bytes, the lowest first. */
    public void writeLong(long value) {
        room(Long.BYTES);
        for (int i = 0; i < Long.BYTES; i++) {
            bytes[size++] = (byte) (value >>> (Byte.SIZE * i));
        }
    }

    /** Writes a length and UTF-8. */
    public void writeText(String text) {
        writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes a length and bytes. */
    public void writeBytes(byte[] value) {
        writeVarint(value.length);
        room(value.length);
        System.arraycopy(value, 0, bytes, size, value.length);
        size += value.length;
    }

    /** Sets bits of a byte written before. */
    public void setBits(int at, int bits) {
        bytes[at] |= (byte) bits;
    }

    static long zigzag(long value) {
        return (value << 1) ^ (value >> 63);
    }

    private void room(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more));
        }
    }
}
