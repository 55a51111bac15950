package io.tsdash.kafka.format;

/** Writes Protobuf in one pass: the length of a record within the record is put in when it has ended. */
final class ProtobufFieldWriter implements FieldWriter {
    private static final int DEPTH_MAX = 4;
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH = 2;

    private final ByteOutput out = new ByteOutput();
    private final int[] starts = new int[DEPTH_MAX];
    private int depth;
    private int number; // of the field whose value is the next record

    @Override
    public void begin(Fields fields) {
        if (depth > 0) {
            tag(number, LENGTH);
            out.put(0); // the length, if it takes one byte
            starts[depth] = out.size();
        }
        depth++;
    }

    @Override
    public void end() {
        depth--;
        if (depth == 0) {
            return;
        }
        int start = starts[depth];
        int rest = out.size() - start;
        int at = start - 1;
        for (int more = rest >>> 7; more != 0; more >>>= 7) {
            out.insert(start, 1);
        }
        while (rest > 0x7F) {
            out.set(at++, rest | 0x80);
            rest >>>= 7;
        }
        out.set(at, rest);
    }

    @Override
    public void nested(int field) {
        number = field;
    }

    @Override
    public void list(int field, int size) {
        number = field;
    }

    @Override
    public void endList() {}

    @Override
    public void text(int field, String value) {
        tag(field, LENGTH);
        byte[] bytes = ByteOutput.utf8(value);
        out.varint(bytes.length);
        out.put(bytes);
    }

    @Override
    public void integer(int field, long value) {
        tag(field, VARINT);
        out.varint(value);
    }

    @Override
    public void number(int field, double value) {
        if (!Double.isNaN(value)) {
            tag(field, FIXED64);
            out.littleEndian(Double.doubleToRawLongBits(value));
        }
    }

    @Override
    public void flag(int field, boolean value) {
        tag(field, VARINT);
        out.put(value ? 1 : 0);
    }

    @Override
    public byte[] toBytes() {
        return out.toBytes();
    }

    private void tag(int field, int wireType) {
        out.varint(field << 3 | wireType);
    }
}
