package io.tsdash.kafka.format;

/**
 * Writes MessagePack: maps by name. How many fields a record has is put in when it has ended. By hand, because the packer
 * of the library wants that number first.
 */
final class MsgPackFieldWriter implements FieldWriter {
    private static final int DEPTH_MAX = 4;
    private static final int MAP16 = 0xDE;
    private static final int ARRAY32 = 0xDD;
    private static final int FIXSTR = 0xA0;
    private static final int STR32 = 0xDB;
    private static final int INT64 = 0xD3;
    private static final int FLOAT64 = 0xCB;
    private static final int FALSE = 0xC2;
    private static final int TRUE = 0xC3;

    private final ByteOutput out = new ByteOutput();
    private final Fields[] fields = new Fields[DEPTH_MAX];
    private final int[] starts = new int[DEPTH_MAX];
    private final int[] counts = new int[DEPTH_MAX];
    private int depth;

    @Override
    public void begin(Fields ofRecord) {
        out.put(MAP16);
        fields[depth] = ofRecord;
        starts[depth] = out.size();
        counts[depth] = 0;
        depth++;
        out.bigEndian(0, Short.BYTES);
    }

    @Override
    public void end() {
        depth--;
        out.set(starts[depth], counts[depth] >>> 8);
        out.set(starts[depth] + 1, counts[depth]);
    }

    @Override
    public void nested(int number) {
        name(number);
    }

    @Override
    public void list(int number, int size) {
        name(number);
        out.put(ARRAY32);
        out.bigEndian(size, Integer.BYTES);
    }

    @Override
    public void endList() {}

    @Override
    public void text(int number, String value) {
        name(number);
        string(value);
    }

    @Override
    public void integer(int number, long value) {
        name(number);
        out.put(INT64);
        out.bigEndian(value, Long.BYTES);
    }

    @Override
    public void number(int number, double value) {
        if (!Double.isNaN(value)) {
            name(number);
            out.put(FLOAT64);
            out.bigEndian(Double.doubleToRawLongBits(value), Long.BYTES);
        }
    }

    @Override
    public void flag(int number, boolean value) {
        name(number);
        out.put(value ? TRUE : FALSE);
    }

    @Override
    public byte[] toBytes() {
        return out.toBytes();
    }

    private void name(int number) {
        counts[depth - 1]++;
        string(fields[depth - 1].name(number));
    }

    private void string(String text) {
        byte[] bytes = ByteOutput.utf8(text);
        if (bytes.length < 32) {
            out.put(FIXSTR | bytes.length);
        } else {
            out.put(STR32);
            out.bigEndian(bytes.length, Integer.BYTES);
        }
        out.put(bytes);
    }
}
