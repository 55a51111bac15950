package io.tsdash.timescale;

import io.tsdash.error.ConfigurationException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Where the database is, what may be used of it, and how long it keeps what. Made by {@link #builder}; immutable.
 *
 * @param host name or address of the server
 * @param port of the server
 * @param database its name
 * @param user who logs in
 * @param password of the user; empty for none
 * @param schema the schema (namespace) that holds the tables; made when it is not there
 * @param sslMode how connections are encrypted
 * @param sslRootCertificate file with the certificates that we trust; empty for the driver's own place
 * @param connectionsMax how many calls may be at work at once
 * @param connectTimeout after which a server that does not let us in is given up
 * @param queryTimeout after which a statement is stopped; a little later the connection is given up
 * @param maintenanceTimeout the same for migrations, refreshes and retention
 * @param chunkInterval how much time one chunk of the trades holds
 * @param columnstoreAfter age at which chunks are compressed; zero for never
 * @param tradeRetention age at which the database drops trades; zero for never
 * @param refreshEvery how often the pre-computed bars are brought up to date
 * @param refreshBy by whom
 */
public record TimescaleOptions(
        String host,
        int port,
        String database,
        String user,
        String password,
        String schema,
        SslMode sslMode,
        String sslRootCertificate,
        int connectionsMax,
        Duration connectTimeout,
        Duration queryTimeout,
        Duration maintenanceTimeout,
        Duration chunkInterval,
        Duration columnstoreAfter,
        Duration tradeRetention,
        Duration refreshEvery,
        RefreshBy refreshBy) {
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:%-]+");
    private static final int PORT_MAX = 65_535;
    private static final int CONNECTIONS_MAX = 1_000;
    private static final int NAME_LENGTH_MAX = 63;
    private static final Duration TIMEOUT_MIN = Duration.ofSeconds(1);
    private static final Duration TIMEOUT_MAX = Duration.ofDays(7);
    private static final Duration CHUNK_MIN = Duration.ofMinutes(1);

    /** @throws ConfigurationException with everything that is wrong */
    public TimescaleOptions {
        List<String> problems = new ArrayList<>();
        named(problems, "host", host);
        named(problems, "database", database);
        named(problems, "user", user);
        named(problems, "schema", schema);
        if (schema.length() > NAME_LENGTH_MAX || schema.startsWith("pg_")) {
            problems.add("schema was '" + schema + "' but it must have at most " + NAME_LENGTH_MAX
                    + " characters and not start with pg_");
        }
        if (!host.isBlank() && !HOST.matcher(host).matches()) {
            problems.add("host was '" + host + "' but it must be one name or address");
        }
        if (port < 1 || port > PORT_MAX) {
            problems.add("port was '" + port + "' but it must be from 1 to " + PORT_MAX);
        }
        // One for who works, one for who asks meanwhile.
        if (connectionsMax < 2 || connectionsMax > CONNECTIONS_MAX) {
            problems.add("connectionsMax was '" + connectionsMax + "' but it must be from 2 to " + CONNECTIONS_MAX);
        }
        timeout(problems, "connectTimeout", connectTimeout);
        timeout(problems, "queryTimeout", queryTimeout);
        timeout(problems, "maintenanceTimeout", maintenanceTimeout);
        timeout(problems, "refreshEvery", refreshEvery);
        if (chunkInterval.compareTo(CHUNK_MIN) < 0) {
            problems.add("chunkInterval was '" + chunkInterval + "' but it must be at least " + CHUNK_MIN);
        }
        ageOrNever(problems, "columnstoreAfter", columnstoreAfter, chunkInterval, "chunkInterval");
        // What is dropped must have been refreshed before, a few times over: the bars are made of it.
        ageOrNever(problems, "tradeRetention", tradeRetention, refreshEvery.multipliedBy(10), "10 x refreshEvery");
        if (!tradeRetention.isZero() && refreshBy == RefreshBy.NOBODY) {
            problems.add(
                    "tradeRetention was '" + tradeRetention
                            + "' but it must be zero when refreshBy is NOBODY: trades would be dropped before their bars are made");
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    /** Returns a builder with the defaults of {@link TimescaleOptionsBuilder}. */
    public static TimescaleOptionsBuilder builder() {
        return new TimescaleOptionsBuilder();
    }

    /** Returns where it is, for messages: never with the password. */
    String where() {
        return "store 'postgresql://" + host + ":" + port + "/" + database + "' (schema " + schema + ", user " + user
                + ")";
    }

    /** Leaves the password out. */
    @Override
    public String toString() {
        return where();
    }

    private static void named(List<String> problems, String name, String value) {
        if (value.isBlank()) {
            problems.add(name + " was '" + value + "' but it must be given");
        } else if (value.chars().anyMatch(Character::isISOControl)) {
            problems.add(name + " must not hold control characters");
        }
    }

    private static void timeout(List<String> problems, String name, Duration value) {
        if (value.compareTo(TIMEOUT_MIN) < 0 || value.compareTo(TIMEOUT_MAX) > 0) {
            problems.add(name + " was '" + value + "' but it must be from " + TIMEOUT_MIN + " to " + TIMEOUT_MAX);
        }
    }

    private static void ageOrNever(List<String> problems, String name, Duration age, Duration least, String leastName) {
        if (!age.isZero() && age.compareTo(least) < 0) {
            problems.add(name + " was '" + age + "' but it must be zero (never) or at least " + leastName + " '" + least
                    + "'");
        }
    }
}
