package io.tsdash.delta;

import java.util.List;

/**
 * The fields of a kind of record, in order. A set of fields is a bit mask: bit n is field n.
 *
 * <p>Thread-safe, immutable.
 */
public final class RecordSchema {
    private final Field[] fields;

    private RecordSchema(List<Field> fields) {
        if (fields.isEmpty() || fields.size() > Long.SIZE) {
            throw new IllegalArgumentException("a record has 1 to 64 fields, not " + fields.size());
        }
        if (fields.stream().map(Field::name).distinct().count() != fields.size()) {
            throw new IllegalArgumentException("field names must differ: " + fields);
        }
        this.fields = fields.toArray(Field[]::new);
    }

    /** @param fields 1 to 64, with different names */
    public static RecordSchema of(Field... fields) {
        return new RecordSchema(List.of(fields));
    }

    /** Returns the number of fields. */
    public int size() {
        return fields.length;
    }

    /** Returns the name of field n. */
    public String name(int field) {
        return fields[field].name();
    }

    /** Returns the kind of field n. */
    public FieldKind kind(int field) {
        return fields[field].kind();
    }

    /** Returns the mask of all fields. */
    public long allFields() {
        return fields.length == Long.SIZE ? -1L : (1L << fields.length) - 1;
    }
}
