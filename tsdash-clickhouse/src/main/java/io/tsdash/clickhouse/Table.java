package io.tsdash.clickhouse;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A table of ours: what it must look like.
 *
 * @param name its name
 * @param columns its columns in order
 * @param engine the engine's name and arguments, such as {@code ReplacingMergeTree(version)}
 * @param layout all that follows the engine: partition, order, TTL
 * @param index a skip index, as it stands among the columns; empty for none
 */
record Table(String name, List<Column> columns, String engine, String layout, String index) {

    /** A table without a skip index. */
    Table(String name, List<Column> columns, String engine, String layout) {
        this(name, columns, engine, layout, "");
    }

    /**
     * A column.
     *
     * @param name its name
     * @param type its type, letter for letter as the server tells it
     * @param rest default and codec; may be empty
     */
    record Column(String name, String type, String rest) {
        static Column of(String name, String type) {
            return new Column(name, type, "");
        }

        static Column of(String name, String type, String codec) {
            return new Column(name, type, " CODEC(" + codec + ")");
        }
    }

    /** Returns the columns as they stand in CREATE TABLE. */
    String columnsSql() {
        return columns.stream()
                .map(column -> column.name() + " " + column.type() + column.rest())
                .collect(Collectors.joining(", ", "(", index.isEmpty() ? ")" : ", " + index + ")"));
    }

    /** Returns the engine's name without arguments. */
    String engineName() {
        int open = engine.indexOf('(');
        return open < 0 ? engine : engine.substring(0, open);
    }
}
