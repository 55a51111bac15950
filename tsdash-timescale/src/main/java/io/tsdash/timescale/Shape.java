package io.tsdash.timescale;

import io.tsdash.error.PermanentException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A table as this version of the code wants it.
 *
 * @param table its name
 * @param columns in their order
 * @param identity columns of its unique index, in their order; empty for none
 */
record Shape(String table, List<Column> columns, List<String> identity) {
    /**
     * One column.
     *
     * @param type as PostgreSQL prints it
     * @param constraint what follows the type; may be empty
     */
    record Column(String name, String type, String constraint) {}

    private static final String BIGINT = "bigint";
    private static final String DOUBLE = "double precision";
    private static final String NOT_NULL = " NOT NULL";
    // By bytes: faster than any language's order, and the same on every machine.
    private static final String TEXT_KEY = " COLLATE \"C\" NOT NULL";

    /** The tables; wide columns first, so that rows need no padding. */
    static final List<Shape> ALL = List.of(
            new Shape(
                    "tsdash_schema",
                    List.of(
                            new Column("version", "integer", NOT_NULL),
                            new Column("kind", "text", NOT_NULL),
                            new Column("settings", "text", NOT_NULL),
                            new Column("trade_retention", "interval", ""),
                            new Column("trades_from", "timestamp with time zone", "")),
                    List.of()),
            new Shape(
                    "trades",
                    List.of(
                            new Column("time", "timestamp with time zone", NOT_NULL),
                            new Column("ts", BIGINT, NOT_NULL),
                            new Column("seq", BIGINT, NOT_NULL),
                            new Column("received", BIGINT, NOT_NULL),
                            new Column("price", DOUBLE, NOT_NULL),
                            new Column("volume", DOUBLE, NOT_NULL),
                            new Column("version", "integer", NOT_NULL),
                            new Column("side", "smallint", NOT_NULL),
                            new Column("sets_price", "boolean", NOT_NULL),
                            new Column("counts_volume", "boolean", NOT_NULL),
                            new Column("symbol", "text", TEXT_KEY)),
                    List.of("symbol", "time", "ts", "seq")),
            new Shape(
                    "bars",
                    List.of(
                            new Column("open_ts", BIGINT, NOT_NULL),
                            new Column("close_ts", BIGINT, NOT_NULL),
                            new Column("open", DOUBLE, NOT_NULL),
                            new Column("high", DOUBLE, NOT_NULL),
                            new Column("low", DOUBLE, NOT_NULL),
                            new Column("close", DOUBLE, NOT_NULL),
                            new Column("volume", DOUBLE, NOT_NULL),
                            new Column("notional", DOUBLE, NOT_NULL),
                            new Column("trade_count", BIGINT, NOT_NULL),
                            new Column("first_ts", BIGINT, NOT_NULL),
                            new Column("last_ts", BIGINT, NOT_NULL),
                            new Column("revision", "integer", NOT_NULL),
                            new Column("state", "smallint", NOT_NULL),
                            new Column("symbol", "text", TEXT_KEY),
                            new Column("bar_interval", "text", TEXT_KEY)),
                    List.of("symbol", "bar_interval", "open_ts")));

    String createTable(Tables tables) {
        return columns.stream()
                .map(column -> column.name() + " " + column.type() + column.constraint())
                .collect(Collectors.joining(", ", "CREATE TABLE IF NOT EXISTS " + tables.of(table) + " (", ")"));
    }

    /** Returns the statement that makes the unique index; only where there is to be one. */
    String createIdentity(Tables tables) {
        return "CREATE UNIQUE INDEX IF NOT EXISTS " + table + "_identity ON " + tables.of(table) + " ("
                + String.join(", ", identity) + ")";
    }

    /**
     * Holds the table that is there, if any, against this.
     *
     * @throws PermanentException with every column that is missing or of another type
     */
    void checkIfThere(Connection connection, Tables tables, String where) throws SQLException {
        Map<String, String> found = found(connection, tables);
        if (!found.isEmpty()) {
            check(found, tables, where);
        }
    }

    /**
     * Holds the table against this, with its unique index: without it a repeat would count twice.
     *
     * @throws PermanentException with every column that is missing or of another type, or without the index
     */
    void check(Connection connection, Tables tables, String where) throws SQLException {
        check(found(connection, tables), tables, where);
        if (!identity.isEmpty() && !hasIdentity(connection, tables)) {
            throw new PermanentException(where + " has a table " + tables.of(table) + " without its unique index on ("
                    + String.join(", ", identity)
                    + "), by which each row is there once. Remove rows that are there twice, drop the index "
                    + table + "_identity if it is there, and make it: " + createIdentity(tables));
        }
    }

    private boolean hasIdentity(Connection connection, Tables tables) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT 1 FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE n.nspname = ? AND c.relname = ? AND i.indisunique AND i.indisvalid AND i.indpred IS NULL"
                        + " AND ? = (SELECT string_agg(a.attname, ',' ORDER BY k.place) FROM unnest(i.indkey::int2[])"
                        + " WITH ORDINALITY AS k(attnum, place) LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid"
                        + " AND a.attnum = k.attnum)")) {
            query.setString(1, tables.schema());
            query.setString(2, table);
            query.setString(3, String.join(",", identity));
            try (ResultSet rows = query.executeQuery()) {
                return rows.next();
            }
        }
    }

    private void check(Map<String, String> found, Tables tables, String where) {
        String problems = columns.stream()
                .filter(column -> !column.type().equals(found.get(column.name())))
                .map(column -> column.name() + " is " + found.getOrDefault(column.name(), "missing")
                        + " but it must be " + column.type())
                .collect(Collectors.joining("; "));
        if (!problems.isEmpty()) {
            throw new PermanentException(where + " has a table " + tables.of(table) + " of another shape: " + problems
                    + ". Use another schema, or move that table away");
        }
    }

    private Map<String, String> found(Connection connection, Tables tables) throws SQLException {
        Map<String, String> found = new TreeMap<>();
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a JOIN pg_class c"
                        + " ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ?"
                        + " AND c.relname = ? AND a.attnum > 0 AND NOT a.attisdropped")) {
            query.setString(1, tables.schema());
            query.setString(2, table);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    found.put(rows.getString(1), rows.getString(2));
                }
            }
        }
        return found;
    }
}
