package io.tsdash.delta;

import java.util.List;

/**
 * One field of a record.
 *
 * @param name its name on the wire
 * @param kind what it holds
 * @param values of a TEXT, those that come often, each of which the compact form writes in a byte; others may come too
 */
public record Field(String name, FieldKind kind, List<String> values) {

    /** Copies the list; only a TEXT may have values. */
    public Field {
        values = List.copyOf(values);
        if (kind != FieldKind.TEXT && !values.isEmpty()) {
            throw new IllegalArgumentException(name + " is a " + kind + " but only a TEXT lists values");
        }
    }

    /** Returns a field without listed values. */
    public static Field of(String name, FieldKind kind) {
        return new Field(name, kind, List.of());
    }

    /** Returns a TEXT of which some values come often. */
    public static Field text(String name, String... values) {
        return new Field(name, FieldKind.TEXT, List.of(values));
    }
}
