package io.tsdash.kafka.format;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.tsdash.error.InvalidInputException;
import java.io.IOException;

/** Reads Protobuf. */
final class ProtobufFieldReader implements FieldReader {
    private static final int DEPTH_MAX = 4;

    private final CodedInputStream in;
    private final Fields[] fields = new Fields[DEPTH_MAX];
    private final int[] limits = new int[DEPTH_MAX];
    private int depth;
    private int tag;
    private boolean elementLeft;

    ProtobufFieldReader(byte[] bytes) {
        in = CodedInputStream.newInstance(bytes);
    }

    @Override
    public void begin(Fields ofRecord) throws IOException {
        if (depth > 0) {
            expect(WireFormat.WIRETYPE_LENGTH_DELIMITED, "a record");
            limits[depth] = in.pushLimit(in.readRawVarint32());
        }
        fields[depth++] = ofRecord;
    }

    @Override
    public int next() throws IOException {
        while (true) {
            tag = in.readTag();
            if (tag == 0) {
                depth--;
                if (depth > 0) {
                    in.popLimit(limits[depth]);
                }
                return 0;
            }
            int number = WireFormat.getTagFieldNumber(tag);
            if (number <= fields[depth - 1].size()) {
                return number;
            }
            if (!in.skipField(tag)) {
                throw new InvalidInputException(
                        "byte " + in.getTotalBytesRead() + " was the end of a group but none had begun");
            }
        }
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
        expect(WireFormat.WIRETYPE_LENGTH_DELIMITED, "a text");
        return in.readStringRequireUtf8();
    }

    @Override
    public long integer() throws IOException {
        expect(WireFormat.WIRETYPE_VARINT, "a whole number");
        return in.readInt64();
    }

    @Override
    public double number() throws IOException {
        expect(WireFormat.WIRETYPE_FIXED64, "a double");
        return in.readDouble();
    }

    @Override
    public boolean flag() throws IOException {
        expect(WireFormat.WIRETYPE_VARINT, "true or false");
        return in.readBool();
    }

    @Override
    public void finish() {}

    private void expect(int wireType, String what) {
        if (WireFormat.getTagWireType(tag) != wireType) {
            Fields record = fields[depth - 1];
            throw record.refused(
                    WireFormat.getTagFieldNumber(tag),
                    "wire type " + WireFormat.getTagWireType(tag),
                    "must be " + what);
        }
    }
}
