package io.tsdash.timescale;

import io.tsdash.error.PermanentException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the database can do, found out by asking it.
 *
 * @param kind with TimescaleDB or without
 * @param major first number of TimescaleDB's version; 0 without it
 * @param minor second number of TimescaleDB's version
 * @param extensionSchema where its functions are
 */
record Server(Kind kind, int major, int minor, String extensionSchema) {
    /** The three that differ in what they have; kept in the schema's table, as one does not become another. */
    enum Kind {
        /** Hypertables, columnstore, continuous aggregates and jobs. */
        TIMESCALEDB,
        /** Hypertables only: the build under the Apache licence. */
        TIMESCALEDB_APACHE,
        /** No TimescaleDB. */
        POSTGRESQL
    }

    private static final Logger LOG = LoggerFactory.getLogger(Server.class);
    private static final int POSTGRESQL_MIN = 120_000;
    private static final String INSTALLED = "SELECT current_setting('server_version_num')::int,"
            + " getdatabaseencoding(), e.extversion, n.nspname, current_setting('timescaledb.license', true),"
            + " (SELECT count(*) FROM pg_available_extensions WHERE name = 'timescaledb') FROM (SELECT 1) AS one"
            + " LEFT JOIN pg_extension e ON e.extname = 'timescaledb' LEFT JOIN pg_namespace n ON n.oid = e.extnamespace";

    /**
     * Asks the database.
     *
     * @throws PermanentException if it is one that we cannot work with
     */
    static Server of(Connection connection, String where) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(INSTALLED)) {
            rows.next();
            if (rows.getInt(1) < POSTGRESQL_MIN) {
                throw new PermanentException(
                        where + " is PostgreSQL " + rows.getInt(1) + " but it must be at least " + POSTGRESQL_MIN);
            }
            if (!rows.getString(2).equals("UTF8")) {
                throw new PermanentException(where + " has encoding " + rows.getString(2)
                        + " but it must be UTF8, as symbols are: make a database with ENCODING 'UTF8'");
            }
            String version = rows.getString(3);
            if (version == null) {
                if (rows.getInt(6) > 0) {
                    LOG.warn(
                            "{} could have TimescaleDB but does not: CREATE EXTENSION timescaledb before the first use"
                                    + " brings hypertables and pre-computed bars",
                            where);
                }
                return new Server(Kind.POSTGRESQL, 0, 0, "");
            }
            String[] numbers = version.split("[.-]", -1);
            Kind kind = "apache".equals(rows.getString(5)) ? Kind.TIMESCALEDB_APACHE : Kind.TIMESCALEDB;
            Server server =
                    new Server(kind, Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]), rows.getString(4));
            if (!server.isAtLeast(2, 9)) {
                throw new PermanentException(where + " has TimescaleDB " + version
                        + " but it must be at least 2.9: older ones have no aggregates of aggregates");
            }
            return server;
        }
    }

    /** Returns whether TimescaleDB has this version or a newer one. */
    boolean isAtLeast(int wantedMajor, int wantedMinor) {
        return major > wantedMajor || (major == wantedMajor && minor >= wantedMinor);
    }

    /** Returns a function of the extension, with its schema. */
    String function(String name) {
        return Tables.quoted(extensionSchema) + "." + name;
    }
}
