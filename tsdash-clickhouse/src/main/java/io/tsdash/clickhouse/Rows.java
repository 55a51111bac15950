package io.tsdash.clickhouse;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads the format RowBinary: values one after the other, in the order of the columns. Single-threaded. */
final class Rows {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final InputStream in;
    private byte[] buffer = new byte[64 * 1024];
    private int at;
    private int end;

    Rows(InputStream in) {
        this.in = in;
    }

    /** Returns whether there is another row. */
    boolean next() throws IOException {
        return at < end || fill(1);
    }

    long int64() throws IOException {
        need(Long.BYTES);
        at += Long.BYTES;
        return (long) LONG.get(buffer, at - Long.BYTES);
    }

    double float64() throws IOException {
        return Double.longBitsToDouble(int64());
    }

    int int32() throws IOException {
        need(Integer.BYTES);
        at += Integer.BYTES;
        return (int) INT.get(buffer, at - Integer.BYTES);
    }

    int uint8() throws IOException {
        need(1);
        return buffer[at++] & 0xff;
    }

    boolean bool() throws IOException {
        return uint8() != 0;
    }

    String string() throws IOException {
        int length = 0;
        int shift = 0;
        int next;
        do {
            next = uint8();
            length |= (next & 0x7f) << shift;
            shift += 7;
        } while (next >= 0x80);
        need(length);
        at += length;
        return new String(buffer, at - length, length, StandardCharsets.UTF_8);
    }

    private void need(int bytes) throws IOException {
        if (end - at < bytes && !fill(bytes)) {
            throw new EOFException("the answer ends within a row");
        }
    }

    private boolean fill(int bytes) throws IOException {
        byte[] target = bytes > buffer.length ? new byte[bytes] : buffer;
        System.arraycopy(buffer, at, target, 0, end - at);
        buffer = target;
        end -= at;
        at = 0;
        while (end < bytes) {
            int read = in.read(buffer, end, buffer.length - end);
            if (read < 0) {
                return false;
            }
            end += read;
        }
        return true;
    }
}
