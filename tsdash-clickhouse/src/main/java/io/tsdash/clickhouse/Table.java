package io.tsdash.clickhouse;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A table of ours: what it must look like.
 *
 * @param name its name
 * @param columns its columns in order
 * @param engine the engine's name and arguments, such as {@code ReplacingMergeTree(version)}
 * @param partitionKey as the server tells it; empty for none
 * @param sortingKey as the server tells it: columns separated by commas
 * @param age after which rows are dropped; empty where that is not ours to say
 * @param settings as they stand behind {@code SETTINGS}; empty for none
 * @param index a skip index, as it stands among the columns; empty for none
 */
record Table(
        String name,
        List<Column> columns,
        String engine,
        String partitionKey,
        String sortingKey,
        Optional<Ttl> age,
        String settings,
        String index) {

    /** A small table of ours, in which nothing ages. */
    Table(String name, List<Column> columns, String engine, String sortingKey) {
        this(name, columns, engine, "", sortingKey, Optional.empty(), "", "");
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

    /** Returns all that follows the engine in CREATE TABLE. */
    String layout() {
        String ttl = age.map(Ttl::sql).orElse("");
        return (partitionKey.isEmpty() ? "" : "PARTITION BY " + partitionKey + " ") + "ORDER BY "
                + (sortingKey.contains(",") ? "(" + sortingKey + ")" : sortingKey)
                + (ttl.isEmpty() ? "" : " TTL " + ttl)
                + (settings.isEmpty() ? "" : " SETTINGS " + settings);
    }

    /** Returns the engine's name without arguments. */
    String engineName() {
        int open = engine.indexOf('(');
        return open < 0 ? engine : engine.substring(0, open);
    }
}
