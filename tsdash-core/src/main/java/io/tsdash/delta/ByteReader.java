package io.tsdash.delta;

import io.tsdash.error.InvalidInputException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads what a {@link ByteWriter} wrote. It never reads beyond the end, and believes no count that the bytes that are
 * left cannot hold. Single-threaded.
 */
public final class ByteReader {
    private static final int LAST_SHIFT = 63;

    private final byte[] bytes;
    private int at;

    /** @param bytes are read, not copied */
    public ByteReader(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Returns whether something is left. */
    public boolean hasMore() {
        return at < bytes.length;
    }

    /** Returns where it stands. */
    public int position() {
        return at;
    }

    /**
     * Reads a byte, 0 to 255.
     *
     * @throws InvalidInputException at the end
     */
    public int read() {
        if (at >= bytes.length) {
            throw ended("a byte");
        }
        return bytes[at++] & 0xff;
    }

    /**
     * Reads an unsigned LEB128; a value of 2^63 and more comes out negative.
     *
     * @throws InvalidInputException at the end, or if it has more than 64 bits
     */
    public long readVarint() {
        long value = 0;
        for (int shift = 0; shift <= LAST_SHIFT; shift += 7) {
            if (at >= bytes.length) {
                throw ended("a varint");
            }
            byte next = bytes[at++];
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                if (shift == LAST_SHIFT && next > 1) {
                    break;
                }
                return value;
            }
        }
        throw new InvalidInputException("varint at byte " + at + " had more than 64 bits but must have at most 64");
    }

    /** Reads a signed number. */
    public long readZigzag() {
        return unzigzag(readVarint());
    }

    /** Reads eight bytes, the lowest first. */
    public long readLong() {
        long value = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            value |= (long) read() << (Byte.SIZE * i);
        }
        return value;
    }

    /**
     * Reads how many things follow.
     *
     * @param bytesEach each takes at least so many bytes
     * @throws InvalidInputException if what is left cannot hold so many
     */
    public int readCount(int bytesEach) {
        int before = at;
        long count = readVarint();
        if (count < 0 || count > (bytes.length - at) / bytesEach) {
            throw new InvalidInputException("count at byte " + before + " was '" + Long.toUnsignedString(count)
                    + "' but " + (bytes.length - at) + " bytes are left");
        }
        return (int) count;
    }

    /** Reads a length and UTF-8. */
    public String readText() {
        int length = readCount(1);
        at += length;
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, at - length, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new InvalidInputException("text at byte " + (at - length) + " was no UTF-8");
        }
    }

    /** Reads a length and bytes. */
    public byte[] readBytes() {
        int length = readCount(1);
        byte[] value = new byte[length];
        System.arraycopy(bytes, at, value, 0, length);
        at += length;
        return value;
    }

    static long unzigzag(long value) {
        return (value >>> 1) ^ -(value & 1);
    }

    private InvalidInputException ended(String what) {
        return new InvalidInputException("frame ended at byte " + at + " but " + what + " must follow");
    }
}
