package io.tsdash.delta;

import org.jspecify.annotations.Nullable;

/**
 * Writes records in the compact form, as what changed since a record that the reader has: a mask of fields, and for
 * numbers the differences of their mantissas. {@code docs/codecs.md} calls the result a body.
 *
 * <p>Allocates nothing but for texts. Snapshots are bodies of all fields without a base. Single-threaded.
 */
public final class DeltaEncoder {
    private final ByteWriter out;

    /** @param out receives what is written */
    public DeltaEncoder(ByteWriter out) {
        this.out = out;
    }

    /**
     * Writes a record.
     *
     * @param record as it is
     * @param fields mask of those to write; of these, one that is not present has vanished
     * @param base the numbers that the reader has; null tells all values absolutely
     */
    public void write(RecordBuffer record, long fields, @Nullable Mantissas base) {
        long written = fields & record.present();
        long vanished = fields & ~record.present();
        out.writeVarint(written << 1 | (vanished != 0 ? 1 : 0));
        if (vanished != 0) {
            out.writeVarint(vanished);
        }
        RecordSchema schema = record.schema();
        for (long rest = written; rest != 0; rest &= rest - 1) {
            int field = Long.numberOfTrailingZeros(rest);
            switch (schema.kind(field)) {
                case DOUBLE, TIME, LONG, ID -> number(record, field, base);
                case VERSION -> out.writeVarint(record.getLong(field));
                case BOOLEAN -> out.write(record.getBoolean(field) ? 1 : 0);
                case TEXT -> text(schema, field, record.getText(field));
                case TEXTS -> {
                    out.writeVarint(record.getTexts(field).size());
                    record.getTexts(field).forEach(out::writeText);
                }
            }
        }
    }

    private void number(RecordBuffer record, int field, @Nullable Mantissas base) {
        Mantissas now = record.mantissas();
        if (base != null && now.follows(base, field)) {
            long zigzag = ByteWriter.zigzag(now.mantissa(field) - base.mantissa(field));
            if (zigzag >= 0) {
                // Its lowest bit is 0: a difference. Those of 63 bits and more have no room for it.
                out.writeVarint(zigzag << 1);
                return;
            }
        }
        if (now.isKnown(field)) {
            out.writeVarint(now.scale(field) << 1 | 1);
            out.writeZigzag(now.mantissa(field));
        } else {
            out.writeVarint(Mantissas.RAW << 1 | 1);
            out.writeLong(Double.doubleToRawLongBits(record.getDouble(field)));
        }
    }

    private void text(RecordSchema schema, int field, String text) {
        int listed = schema.values(field).indexOf(text);
        out.writeVarint(listed + 1);
        if (listed < 0) {
            out.writeText(text);
        }
    }
}
