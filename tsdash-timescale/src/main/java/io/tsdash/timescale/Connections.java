package io.tsdash.timescale;

import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.store.PoolUse;
import io.tsdash.time.TimeSource;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bounded number of connections to one database, made when needed and kept for the next call.
 *
 * <p>A connection that failed is not used again, and when one is lost the idle ones go too: the server behind them was
 * most likely the same. Thread-safe.
 */
final class Connections implements AutoCloseable {
    /** One round trip to the database, or several. */
    @FunctionalInterface
    interface Work<T> {
        T run(Connection connection) throws SQLException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);
    /** Idle for longer, a connection is asked whether it still works: firewalls forget quiet ones. */
    private static final long TRUSTED_IDLE_NANOS = TimeUnit.SECONDS.toNanos(20);
    /** Time for the server's own timeout to be told before ours ends the connection. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    private static final int ATTEMPTS_MAX = 6;

    private final TimescaleOptions options;
    private final TimeSource time;
    private final Semaphore free;
    private final ConcurrentLinkedDeque<Idle> idle = new ConcurrentLinkedDeque<>();
    private volatile boolean closed;

    Connections(TimescaleOptions options, TimeSource time) {
        this.options = options;
        this.time = time;
        this.free = new Semaphore(options.connectionsMax(), true);
    }

    /** Runs statements that each stand for themselves. */
    <T> T run(Work<T> work) {
        return attempt(() -> pooled(work));
    }

    /** Runs statements as one transaction. */
    <T> T transaction(Work<T> work) {
        return attempt(() -> pooled(connection -> inTransaction(connection, work)));
    }

    /** Runs statements that may take long, on a connection of their own that does not count. */
    <T> T maintain(Work<T> work) {
        return attempt(() -> {
            try (Connection connection = connect(options.maintenanceTimeout())) {
                return work.run(connection);
            }
        });
    }

    static <T> T inTransaction(Connection connection, Work<T> work) throws SQLException {
        connection.setAutoCommit(false);
        try {
            T result = work.run(connection);
            connection.commit();
            return result;
        } catch (SQLException | RuntimeException e) {
            rollback(connection, e);
            throw e;
        } finally {
            if (!connection.isClosed()) {
                connection.setAutoCommit(true);
            }
        }
    }

    /** Returns how many calls have a connection; maintenance, which does not count, is not among them. */
    PoolUse use() {
        return new PoolUse(options.connectionsMax() - free.availablePermits(), options.connectionsMax());
    }

    void checkOpen() {
        if (closed) {
            throw new PermanentException(options.where() + " is closed");
        }
    }

    @Override
    public void close() {
        closed = true;
        dropIdle();
    }

    /** Again at once, a few times, where the database let another transaction win. */
    private <T> T attempt(Attempt<T> call) {
        for (int attempt = 1; ; attempt++) {
            checkOpen();
            try {
                return call.run();
            } catch (SQLException e) {
                checkOpen();
                if (!SqlFailures.isLostRace(e) || attempt == ATTEMPTS_MAX) {
                    throw SqlFailures.translate(options, e);
                }
                LOG.debug("{} lost a race, attempt {}", options, attempt, e);
            }
        }
    }

    private <T> T pooled(Work<T> work) throws SQLException {
        acquire();
        try {
            return once(work);
        } finally {
            free.release();
        }
    }

    private <T> T once(Work<T> work) throws SQLException {
        Connection connection = idleOrNew();
        boolean sound = false;
        try {
            T result = work.run(connection);
            sound = true;
            return result;
        } catch (SQLException e) {
            sound = !SqlFailures.isLostConnection(e) && !connection.isClosed();
            if (!sound) {
                dropIdle();
            }
            throw e;
        } finally {
            if (sound && !closed) {
                idle.push(new Idle(connection, time.monotonicNanos()));
                if (closed) {
                    dropIdle();
                }
            } else {
                drop(connection);
            }
        }
    }

    private void acquire() {
        boolean acquired;
        try {
            acquired = free.tryAcquire(options.queryTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientException(options.where() + ": interrupted while waiting for a connection", e);
        }
        if (!acquired) {
            throw new TransientException(options.where() + ": all " + options.connectionsMax()
                    + " connections were in use for " + options.queryTimeout() + ", " + free.getQueueLength()
                    + " wait: raise connectionsMax");
        }
    }

    private Connection idleOrNew() throws SQLException {
        for (Idle next = idle.poll(); next != null; next = idle.poll()) {
            boolean trusted = time.monotonicNanos() - next.sinceNanos() < TRUSTED_IDLE_NANOS;
            if (trusted
                    || next.connection().isValid((int) options.connectTimeout().toSeconds())) {
                return next.connection();
            }
            drop(next.connection());
        }
        return connect(options.queryTimeout());
    }

    private Connection connect(Duration statementTimeout) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", options.user());
        properties.setProperty("password", options.password());
        properties.setProperty("ApplicationName", "tsdash");
        properties.setProperty("sslmode", options.sslMode().text());
        if (!options.sslRootCertificate().isEmpty()) {
            properties.setProperty("sslrootcert", options.sslRootCertificate());
        }
        String connectSeconds = Long.toString(options.connectTimeout().toSeconds());
        properties.setProperty("connectTimeout", connectSeconds);
        properties.setProperty("loginTimeout", connectSeconds);
        properties.setProperty(
                "socketTimeout", Long.toString(statementTimeout.plus(GRACE).toSeconds()));
        properties.setProperty("tcpKeepAlive", "true");
        // Each statement has its times written into it, so that the planner can leave chunks out: none comes twice.
        properties.setProperty("prepareThreshold", "0");
        properties.setProperty("preparedStatementCacheQueries", "0");
        properties.setProperty(
                "options",
                "-c statement_timeout=" + statementTimeout.toMillis()
                        + " -c client_min_messages=warning -c standard_conforming_strings=on -c jit=off");
        // An IPv6 address stands in brackets in a URL.
        String host = options.host().contains(":") ? "[" + options.host() + "]" : options.host();
        return DriverManager.getConnection(
                "jdbc:postgresql://" + host + ":" + options.port() + "/" + encoded(options.database()), properties);
    }

    private static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8);
    }

    /** Returns a name for a temporary table that no other connection uses, also where they share one session. */
    static String temporaryName(Connection connection, String name) throws SQLException {
        return name + "_" + connection.unwrap(PGConnection.class).getBackendPID();
    }

    private static void rollback(Connection connection, Exception cause) {
        try {
            if (!connection.isClosed()) {
                connection.rollback();
            }
        } catch (SQLException e) {
            cause.addSuppressed(e);
            drop(connection);
        }
    }

    private void dropIdle() {
        for (Idle next = idle.poll(); next != null; next = idle.poll()) {
            drop(next.connection());
        }
    }

    private static void drop(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.debug("a connection that is of no more use", e);
        }
    }

    @FunctionalInterface
    private interface Attempt<T> {
        T run() throws SQLException;
    }

    private record Idle(Connection connection, long sinceNanos) {}
}
