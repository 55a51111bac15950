package io.tsdash.delta;

import io.tsdash.error.InvalidInputException;
import io.tsdash.model.Trade;
import java.util.ArrayList;
import java.util.List;

/** Reads what a {@link DeltaEncoder} wrote into the record that it builds on. Single-threaded. */
public final class DeltaDecoder {
    private static final int VALUES_MAX = 1 << 16;

    private final ByteReader in;
    private boolean lenient;

    /** @param in gives what is read */
    public DeltaDecoder(ByteReader in) {
        this.in = in;
    }

    /**
     * Reads a body.
     *
     * @param record has what the body builds on, and afterwards what it says
     * @return mask of the fields that were written or vanished
     * @throws InvalidInputException if the bytes are no body for this record; the record is then good for nothing
     */
    public long read(RecordBuffer record) {
        long head = in.readVarint();
        long written = head >>> 1;
        long vanished = (head & 1) == 0 ? 0 : in.readVarint();
        RecordSchema schema = record.schema();
        if (((written | vanished) & ~schema.allFields()) != 0 || (written & vanished) != 0) {
            throw new InvalidInputException("mask before byte " + in.position() + " was '"
                    + Long.toBinaryString(written) + "' and '" + Long.toBinaryString(vanished)
                    + "' but it must name each of " + schema.size() + " fields at most once");
        }
        for (long rest = vanished; rest != 0; rest &= rest - 1) {
            record.clear(Long.numberOfTrailingZeros(rest));
        }
        for (long rest = written; rest != 0; rest &= rest - 1) {
            value(record, schema, Long.numberOfTrailingZeros(rest));
        }
        return written | vanished;
    }

    /**
     * Reads over a body whose base is not there.
     *
     * @throws InvalidInputException if the bytes are no body of this schema
     */
    public void pass(RecordSchema schema) {
        RecordBuffer any = new RecordBuffer(schema);
        lenient = true;
        read(any);
        lenient = false;
    }

    private void value(RecordBuffer record, RecordSchema schema, int field) {
        switch (schema.kind(field)) {
            case DOUBLE, TIME, LONG, ID -> number(record, schema, field);
            case VERSION -> record.setLong(field, version(in.readVarint()));
            case BOOLEAN -> record.setBoolean(field, flag(in.read()));
            case TEXT -> record.setText(field, text(schema, field));
            case TEXTS -> {
                int count = in.readCount(1);
                if (count > VALUES_MAX) {
                    throw InvalidInputException.of(schema.name(field), count, "must have at most " + VALUES_MAX);
                }
                List<String> texts = new ArrayList<>(count);
                for (int i = 0; i < count; i++) {
                    texts.add(in.readText());
                }
                record.setTexts(field, texts);
            }
        }
    }

    private void number(RecordBuffer record, RecordSchema schema, int field) {
        long head = in.readVarint();
        if ((head & 1) == 0) {
            if (lenient) {
                return;
            }
            if (!record.mantissas().isKnown(field)) {
                throw InvalidInputException.of(
                        schema.name(field), "a difference", "must follow a value that the client has");
            }
            long mantissa = record.mantissas().mantissa(field) + ByteReader.unzigzag(head >>> 1);
            set(record, schema, field, mantissa, record.mantissas().scale(field));
        } else if (head >>> 1 == Mantissas.RAW && schema.kind(field) == FieldKind.DOUBLE) {
            double value = Double.longBitsToDouble(in.readLong());
            if (Double.isNaN(value)) {
                throw InvalidInputException.of(schema.name(field), value, "must be a number");
            }
            record.setRaw(field, value);
        } else {
            set(record, schema, field, in.readZigzag(), (int) Math.min(Mantissas.RAW, head >>> 1));
        }
    }

    private static void set(RecordBuffer record, RecordSchema schema, int field, long mantissa, int scale) {
        if (!record.setMantissa(field, mantissa, scale)) {
            throw InvalidInputException.of(
                    schema.name(field),
                    mantissa + " with scale " + scale,
                    "must be a mantissa and scale that a " + schema.kind(field) + " has");
        }
    }

    private String text(RecordSchema schema, int field) {
        long listed = in.readVarint();
        List<String> values = schema.values(field);
        if (listed == 0) {
            return in.readText();
        }
        if (listed < 0 || listed > values.size()) {
            throw InvalidInputException.of(
                    schema.name(field), "value number " + listed, "must be one of " + values.size() + " listed");
        }
        return values.get((int) listed - 1);
    }

    private static long version(long value) {
        if (value < 0 || value > Trade.CANCELLED) {
            throw InvalidInputException.of("version", value, "must be 0 to " + Trade.CANCELLED);
        }
        return value;
    }

    private static boolean flag(int value) {
        if (value > 1) {
            throw InvalidInputException.of("boolean", value, "must be 0 or 1");
        }
        return value == 1;
    }
}
