package io.tsdash.clickhouse;

import io.tsdash.error.InvalidInputException;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Writes the format RowBinary: values one after the other, in the order of the columns.
 *
 * <p>Texts are encoded once for each one that occurs. {@link #flush} when all is written. Single-threaded.
 */
final class RowBinary {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    /** More than the longest value: 64 characters of at most 3 bytes, or a zone's name, and their length. */
    private static final int VALUE_BYTES_MAX = 1_024;

    private final OutputStream out;
    private final byte[] buffer = new byte[64 * 1024];
    private final Map<String, byte[]> texts = new HashMap<>();
    private int at;

    RowBinary(OutputStream out) {
        this.out = out;
    }

    RowBinary int64(long value) throws IOException {
        room();
        LONG.set(buffer, at, value);
        at += Long.BYTES;
        return this;
    }

    RowBinary float64(double value) throws IOException {
        return int64(Double.doubleToRawLongBits(value));
    }

    RowBinary int32(int value) throws IOException {
        room();
        INT.set(buffer, at, value);
        at += Integer.BYTES;
        return this;
    }

    RowBinary uint8(int value) throws IOException {
        room();
        buffer[at++] = (byte) value;
        return this;
    }

    RowBinary bool(boolean value) throws IOException {
        return uint8(value ? 1 : 0);
    }

    RowBinary string(String value) throws IOException {
        byte[] bytes = texts.computeIfAbsent(value, RowBinary::utf8);
        room();
        int length = bytes.length;
        while (length >= 0x80) {
            buffer[at++] = (byte) (length | 0x80);
            length >>>= 7;
        }
        buffer[at++] = (byte) length;
        System.arraycopy(bytes, 0, buffer, at, bytes.length);
        at += bytes.length;
        return this;
    }

    /**
     * Returns a text as it is written.
     *
     * @throws InvalidInputException if it holds half of a surrogate pair: as a question mark it would be another text
     */
    static byte[] utf8(String text) {
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            return copy;
        } catch (CharacterCodingException e) {
            throw InvalidInputException.of("symbol", text, "must be text that UTF-8 can hold");
        }
    }

    void flush() throws IOException {
        out.write(buffer, 0, at);
        at = 0;
        out.flush();
    }

    private void room() throws IOException {
        if (buffer.length - at < VALUE_BYTES_MAX) {
            out.write(buffer, 0, at);
            at = 0;
        }
    }
}
