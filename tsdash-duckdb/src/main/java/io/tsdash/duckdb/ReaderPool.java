package io.tsdash.duckdb;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;
import org.duckdb.DuckDBConnection;

/** Connections for readers, lent one to a call; keeps a few that are idle. Thread-safe. */
final class ReaderPool {
    private static final int IDLE_MAX = 8;

    private final DuckDBConnection origin;
    private final Deque<Connection> idle = new ArrayDeque<>();
    private final ReentrantLock lock = new ReentrantLock();
    private boolean closed;

    ReaderPool(DuckDBConnection origin) {
        this.origin = origin;
    }

    Reader borrow() throws SQLException {
        lock.lock();
        try {
            Connection connection = idle.poll();
            return new Reader(connection != null ? connection : origin.duplicate());
        } finally {
            lock.unlock();
        }
    }

    /** Closes those that are idle; one that is lent is closed when it comes back. */
    void close() throws SQLException {
        lock.lock();
        try {
            closed = true;
            for (Connection connection : idle) {
                connection.close();
            }
            idle.clear();
        } finally {
            lock.unlock();
        }
    }

    private void takeBack(Connection connection) throws SQLException {
        lock.lock();
        try {
            if (!closed && idle.size() < IDLE_MAX) {
                idle.push(connection);
                return;
            }
        } finally {
            lock.unlock();
        }
        connection.close();
    }

    /** A connection on loan; closing it gives it back. */
    final class Reader implements AutoCloseable {
        private final Connection connection;

        Reader(Connection connection) {
            this.connection = connection;
        }

        Connection get() {
            return connection;
        }

        @Override
        public void close() throws SQLException {
            takeBack(connection);
        }
    }
}
