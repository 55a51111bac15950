package io.tsdash.kafka.format;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads Protobuf (protobuf.dev/programming-guides/encoding). Groups, which proto3 does not have, are refused. */
final class ProtobufFieldReader implements FieldReader {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int DEPTH_MAX = 4;
    private static final int TYPE = 7; // the bits of a tag that are no field number
    private static final int TYPE_BITS = 3;
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH = 2;
    private static final int FIXED32 = 5;
    private static final char REPLACEMENT = '\uFFFD'; // stands for bytes that are no UTF-8

    private final byte[] bytes;
    private final Fields[] fields = new Fields[DEPTH_MAX];
    private final int[] ends = new int[DEPTH_MAX];
    private int depth;
    private int at;
    private int end; // of the record at hand
    private int tag;
    private boolean elementLeft;

    ProtobufFieldReader(byte[] bytes) {
        this.bytes = bytes;
        end = bytes.length;
    }

    @Override
    public void begin(Fields ofRecord) throws IOException {
        if (depth > 0) {
            expect(LENGTH, "a record");
            int length = length();
            ends[depth] = end;
            end = at + length;
        }
        fields[depth++] = ofRecord;
    }

    @Override
    public int next() throws IOException {
        while (at < end) {
            tag = (int) varint();
            int number = tag >>> TYPE_BITS;
            if (number == 0) {
                throw new IOException("field 0 ended at byte " + at);
            }
            if (number <= fields[depth - 1].size()) {
                return number;
            }
            skip();
        }
        depth--;
        end = ends[depth];
        return 0;
    }

    @Override
    public void list() {
        elementLeft = true; // each element comes as a field of its own
    }

    @Override
    public boolean element() {
        boolean element = elementLeft;
        elementLeft = false;
        return element;
    }

    @Override
    public String text() throws IOException {
        expect(LENGTH, "a text");
        int from = take(length());
        String text = new String(bytes, from, at - from, StandardCharsets.UTF_8);
        if (text.indexOf(REPLACEMENT) >= 0
                && !Arrays.equals(ByteOutput.utf8(text), Arrays.copyOfRange(bytes, from, at))) {
            throw new IOException("a text that is no UTF-8 ended at byte " + at);
        }
        return text;
    }

    @Override
    public long integer() throws IOException {
        expect(VARINT, "a whole number");
        return varint();
    }

    @Override
    public double number() throws IOException {
        expect(FIXED64, "a double");
        return Double.longBitsToDouble((long) LONGS.get(bytes, take(Long.BYTES)));
    }

    @Override
    public boolean flag() throws IOException {
        expect(VARINT, "true or false");
        return varint() != 0;
    }

    @Override
    public void finish() {}

    private void skip() throws IOException {
        switch (tag & TYPE) {
            case VARINT -> varint();
            case FIXED64 -> take(Long.BYTES);
            case LENGTH -> take(length());
            case FIXED32 -> take(Integer.BYTES);
            default -> throw new IOException("wire type " + (tag & TYPE) + " ended at byte " + at);
        }
    }

    /** Goes on by some bytes; returns where they begin. */
    private int take(int count) throws IOException {
        if (count > end - at) {
            throw cut();
        }
        at += count;
        return at - count;
    }

    private int length() throws IOException {
        long length = varint();
        if (length < 0 || length > end - at) {
            throw cut();
        }
        return (int) length;
    }

    private long varint() throws IOException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            if (at == end) {
                throw cut();
            }
            byte next = bytes[at++];
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IOException("a number of more than 10 bytes lay before byte " + at);
    }

    private IOException cut() {
        return new IOException("it ended within a field that began before byte " + at);
    }

    private void expect(int wireType, String what) {
        if ((tag & TYPE) != wireType) {
            throw fields[depth - 1].refused(tag >>> TYPE_BITS, "wire type " + (tag & TYPE), "must be " + what);
        }
    }
}
