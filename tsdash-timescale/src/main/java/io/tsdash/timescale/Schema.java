package io.tsdash.timescale;

import io.tsdash.error.PermanentException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Brings the tables of a database to this version: all steps in one transaction, under a lock that all nodes take.
 *
 * <p>Single-threaded.
 */
final class Schema {
    /** Any number will do, as long as all versions of this code use the same. */
    private static final int LOCK = 0x74736461;

    private final Connection connection;
    private final TimescaleOptions options;
    private final Server server;
    private final Tables tables;
    private final Ddl ddl;

    Schema(Connection connection, TimescaleOptions options, Server server) {
        this.connection = connection;
        this.options = options;
        this.server = server;
        this.tables = new Tables(options.schema());
        this.ddl = new Ddl(server, tables, options);
    }

    /**
     * Migrates where it must, and returns what the database is.
     *
     * @throws PermanentException if its tables are newer, of another shape, or of another kind of database
     */
    Server open() throws SQLException {
        if (!missing().isEmpty()) {
            Connections.inTransaction(connection, locked -> {
                try (Statement statement = locked.createStatement()) {
                    statement.execute("SELECT pg_advisory_xact_lock(" + LOCK + ", hashtext("
                            + Tables.literal(tables.schema()) + "))");
                    // Asked again: another node may have done it while this one waited.
                    for (String step : missing()) {
                        statement.execute(step);
                    }
                }
                checkShapes();
                return true;
            });
        }
        checkShapes();
        return server;
    }

    /** Returns the statements that {@link #open} would run now. */
    List<String> missing() throws SQLException {
        for (Shape shape : Shape.ALL) {
            shape.checkIfThere(connection, tables, options.where());
        }
        List<String> steps = new ArrayList<>();
        if (!exists("SELECT 1 FROM pg_namespace WHERE nspname = ?")) {
            steps.add("CREATE SCHEMA IF NOT EXISTS " + Tables.quoted(tables.schema()));
        }
        String settings = "";
        if (!exists("SELECT 1 FROM pg_tables WHERE schemaname = ? AND tablename = 'tsdash_schema'")) {
            steps.addAll(ddl.create());
        } else {
            settings = checkedSettings();
            checkShapes();
        }
        if (!settings.equals(ddl.settings()) && mayChange()) {
            steps.addAll(ddl.applySettings());
        }
        return steps;
    }

    private String checkedSettings() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT version, kind, settings FROM " + tables.version())) {
            if (!rows.next()) {
                throw new PermanentException(options.where() + " has an empty table " + tables.version()
                        + ": it is not ours, or was changed; use another schema");
            }
            if (rows.getInt(1) > Ddl.VERSION) {
                throw new PermanentException(options.where() + " has schema version " + rows.getInt(1)
                        + " but this tsdash knows versions up to " + Ddl.VERSION
                        + ": use the newer tsdash that wrote it, or another schema");
            }
            if (!rows.getString(2).equals(server.kind().name())) {
                throw new PermanentException(options.where() + " was made on " + rows.getString(2)
                        + " but the database now is " + server.kind()
                        + ": install or remove the extension as it was, or use another schema and copy the trades");
            }
            return rows.getString(3);
        }
    }

    /** A user who may only read leaves the jobs as they are. */
    private boolean mayChange() throws SQLException {
        return !exists("SELECT 1 FROM pg_tables WHERE schemaname = ? AND tablename = 'tsdash_schema'"
                + " AND NOT has_table_privilege(format('%I.%I', schemaname, tablename), 'UPDATE')");
    }

    private void checkShapes() throws SQLException {
        for (Shape shape : Shape.ALL) {
            shape.check(connection, tables, options.where());
        }
    }

    private boolean exists(String sql) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, tables.schema());
            try (ResultSet rows = query.executeQuery()) {
                return rows.next();
            }
        }
    }
}
