package io.tsdash.timescale;

import io.tsdash.error.ConfigurationException;
import java.time.Duration;

/**
 * Collects options; {@link #build} checks them all at once. Single-threaded.
 *
 * <p>Defaults: {@code localhost:5432}, database, user and schema {@code tsdash}, {@code prefer} for encryption, 8
 * connections, 10 s to connect, 30 s a query, 10 min for maintenance, chunks of a day, compressed after a week, kept for
 * ever, bars refreshed each minute by the database.
 */
public final class TimescaleOptionsBuilder {
    static final int DEFAULT_PORT = 5_432;

    private String host = "localhost";
    private int port = DEFAULT_PORT;
    private String database = "tsdash";
    private String user = "tsdash";
    private String password = "";
    private String schema = "tsdash";
    private SslMode sslMode = SslMode.PREFER;
    private String sslRootCertificate = "";
    private int connectionsMax = 8;
    private Duration connectTimeout = Duration.ofSeconds(10);
    private Duration queryTimeout = Duration.ofSeconds(30);
    private Duration maintenanceTimeout = Duration.ofMinutes(10);
    private Duration chunkInterval = Duration.ofDays(1);
    private Duration columnstoreAfter = Duration.ofDays(7);
    private Duration tradeRetention = Duration.ZERO;
    private Duration refreshEvery = Duration.ofMinutes(1);
    private RefreshBy refreshBy = RefreshBy.DATABASE;

    TimescaleOptionsBuilder() {}

    /** Sets name or address, and port, of the server. */
    public TimescaleOptionsBuilder server(String newHost, int newPort) {
        host = newHost;
        port = newPort;
        return this;
    }

    /** Sets the database's name. */
    public TimescaleOptionsBuilder database(String value) {
        database = value;
        return this;
    }

    /** Sets who logs in; the password may be empty. */
    public TimescaleOptionsBuilder login(String newUser, String newPassword) {
        user = newUser;
        password = newPassword;
        return this;
    }

    /** Sets the schema (namespace) that holds the tables. */
    public TimescaleOptionsBuilder schema(String value) {
        schema = value;
        return this;
    }

    /** Sets how connections are encrypted. */
    public TimescaleOptionsBuilder sslMode(SslMode value) {
        sslMode = value;
        return this;
    }

    /** Sets the file with the certificates that we trust. */
    public TimescaleOptionsBuilder sslRootCertificate(String file) {
        sslRootCertificate = file;
        return this;
    }

    /** Sets how many calls may be at work at once. */
    public TimescaleOptionsBuilder connectionsMax(int value) {
        connectionsMax = value;
        return this;
    }

    /** Sets after what time a server that does not let us in is given up. */
    public TimescaleOptionsBuilder connectTimeout(Duration value) {
        connectTimeout = value;
        return this;
    }

    /** Sets after what time a statement is stopped. */
    public TimescaleOptionsBuilder queryTimeout(Duration value) {
        queryTimeout = value;
        return this;
    }

    /** Sets after what time migrations, refreshes and retention are stopped. */
    public TimescaleOptionsBuilder maintenanceTimeout(Duration value) {
        maintenanceTimeout = value;
        return this;
    }

    /** Sets how much time one chunk of the trades holds; a chunk and its index should fit in a quarter of the memory. */
    public TimescaleOptionsBuilder chunkInterval(Duration value) {
        chunkInterval = value;
        return this;
    }

    /** Sets the age at which chunks are compressed; zero for never. */
    public TimescaleOptionsBuilder columnstoreAfter(Duration value) {
        columnstoreAfter = value;
        return this;
    }

    /** Sets the age at which the database drops trades; zero for never. Their bars stay. */
    public TimescaleOptionsBuilder tradeRetention(Duration value) {
        tradeRetention = value;
        return this;
    }

    /** Sets how often, and by whom, pre-computed bars are brought up to date. */
    public TimescaleOptionsBuilder refresh(Duration every, RefreshBy by) {
        refreshEvery = every;
        refreshBy = by;
        return this;
    }

    /** @throws ConfigurationException with everything that is wrong */
    public TimescaleOptions build() {
        return new TimescaleOptions(
                host,
                port,
                database,
                user,
                password,
                schema,
                sslMode,
                sslRootCertificate,
                connectionsMax,
                connectTimeout,
                queryTimeout,
                maintenanceTimeout,
                chunkInterval,
                columnstoreAfter,
                tradeRetention,
                refreshEvery,
                refreshBy);
    }
}
