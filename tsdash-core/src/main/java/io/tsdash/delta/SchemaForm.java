package io.tsdash.delta;

import io.tsdash.error.InvalidInputException;
import java.util.ArrayList;
import java.util.List;

/** How the compact form names the fields of a record: {@code docs/codecs.md} has it. Thread-safe, without state. */
public final class SchemaForm {
    /** Their numbers on the wire are their places here. */
    private static final List<FieldKind> KINDS = List.of(
            FieldKind.DOUBLE,
            FieldKind.LONG,
            FieldKind.TIME,
            FieldKind.ID,
            FieldKind.VERSION,
            FieldKind.BOOLEAN,
            FieldKind.TEXT,
            FieldKind.TEXTS);

    private SchemaForm() {}

    /** Writes a schema. */
    public static void write(RecordSchema schema, ByteWriter out) {
        out.writeVarint(schema.size());
        for (int i = 0; i < schema.size(); i++) {
            out.write(KINDS.indexOf(schema.kind(i)));
            out.writeText(schema.name(i));
            out.writeVarint(schema.values(i).size());
            schema.values(i).forEach(out::writeText);
        }
    }

    /**
     * Reads a schema.
     *
     * @throws InvalidInputException if the bytes are none
     */
    public static RecordSchema read(ByteReader in) {
        Field[] fields = new Field[in.readCount(3)];
        for (int i = 0; i < fields.length; i++) {
            int kind = in.read();
            if (kind >= KINDS.size()) {
                throw InvalidInputException.of("kind", kind, "must be 0 to " + (KINDS.size() - 1));
            }
            String name = in.readText();
            List<String> values = new ArrayList<>();
            for (int left = in.readCount(1); left > 0; left--) {
                values.add(in.readText());
            }
            fields[i] = new Field(name, KINDS.get(kind), values);
        }
        return RecordSchema.of(fields);
    }
}
