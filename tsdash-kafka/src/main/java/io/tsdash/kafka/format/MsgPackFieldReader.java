package io.tsdash.kafka.format;

import io.tsdash.error.InvalidInputException;
import java.io.IOException;
import java.nio.charset.CodingErrorAction;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.value.ValueType;

/** Reads MessagePack. A field that is nil counts as not there. */
final class MsgPackFieldReader implements FieldReader {
    private static final MessagePack.UnpackerConfig STRICT =
            new MessagePack.UnpackerConfig().withActionOnMalformedString(CodingErrorAction.REPORT);
    private static final int DEPTH_MAX = 4;

    private final MessageUnpacker in;
    private final Fields[] fields = new Fields[DEPTH_MAX];
    private final long[] left = new long[DEPTH_MAX];
    private int depth;
    private int number;
    private long elementsLeft;

    MsgPackFieldReader(byte[] bytes) {
        in = STRICT.newUnpacker(bytes);
    }

    @Override
    public void begin(Fields ofRecord) throws IOException {
        if (in.getNextFormat().getValueType() != ValueType.MAP) {
            throw new InvalidInputException(ofRecord.record() + " was "
                    + in.getNextFormat().getValueType() + " at byte " + in.getTotalReadBytes()
                    + " but it must be a MessagePack map");
        }
        fields[depth] = ofRecord;
        left[depth++] = in.unpackMapHeader();
    }

    @Override
    public int next() throws IOException {
        while (left[depth - 1]-- > 0) {
            number = fields[depth - 1].number(in.unpackString());
            if (number != 0 && in.getNextFormat().getValueType() != ValueType.NIL) {
                return number;
            }
            in.skipValue();
        }
        depth--;
        return 0;
    }

    @Override
    public void list() throws IOException {
        expect(ValueType.ARRAY, "an array");
        elementsLeft = in.unpackArrayHeader();
    }

    @Override
    public boolean element() {
        return elementsLeft-- > 0;
    }

    @Override
    public String text() throws IOException {
        expect(ValueType.STRING, "a text");
        return in.unpackString();
    }

    @Override
    public long integer() throws IOException {
        expect(ValueType.INTEGER, "a whole number");
        return in.unpackLong();
    }

    @Override
    public double number() throws IOException {
        if (in.getNextFormat().getValueType() == ValueType.INTEGER) {
            return in.unpackLong(); // as many packers write numbers without fraction
        }
        expect(ValueType.FLOAT, "a number");
        return in.unpackDouble();
    }

    @Override
    public boolean flag() throws IOException {
        expect(ValueType.BOOLEAN, "true or false");
        return in.unpackBoolean();
    }

    @Override
    public void finish() throws IOException {
        if (in.hasNext()) {
            throw new InvalidInputException(
                    "more followed at byte " + in.getTotalReadBytes() + " but nothing may follow the record");
        }
    }

    private void expect(ValueType type, String what) throws IOException {
        if (in.getNextFormat().getValueType() != type) {
            throw fields[depth - 1].refused(
                    number,
                    in.getNextFormat().getValueType(),
                    "must be " + what + ", at byte " + in.getTotalReadBytes());
        }
    }
}
