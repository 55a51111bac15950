package io.tsdash.delta;

import java.util.List;

/**
 * The fields of a kind of record, in order. A set of fields is a bit mask: bit n is field n.
 *
 * <p>Thread-safe, immutable.
 */
public final class RecordSchema {
    /** A record has at most so many fields: their mask fits the whole numbers of every language. */
    public static final int FIELDS_MAX = 48;

    private final Field[] fields;

    private RecordSchema(List<Field> fields) {
        if (fields.isEmpty() || fields.size() > FIELDS_MAX) {
            throw new IllegalArgumentException("a record has 1 to " + FIELDS_MAX + " fields, not " + fields.size());
        }
        if (fields.stream().map(Field::name).distinct().count() != fields.size()) {
            throw new IllegalArgumentException("field names must differ: " + fields);
        }
        this.fields = fields.toArray(Field[]::new);
    }

    /** @param fields 1 to {@value #FIELDS_MAX}, with different names */
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

    /** Returns the values of field n that come often. */
    public List<String> values(int field) {
        return fields[field].values();
    }

    /** Returns the mask of all fields. */
    public long allFields() {
        return (1L << fields.length) - 1;
    }
}
