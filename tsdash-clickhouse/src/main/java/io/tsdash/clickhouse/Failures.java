package io.tsdash.clickhouse;

import com.clickhouse.client.api.ServerException;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.error.TsdashException;
import java.io.EOFException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Says of a failure of ClickHouse whether trying again can help, and what a person can do about it.
 *
 * <p>Codes are those of the server's {@code ErrorCodes.cpp}.
 */
final class Failures {
    private static final int WRONG_PASSWORD = 516;
    private static final int DISK_FULL = 243;
    private static final int SHARD_AWAY = 279;
    private static final Set<Integer> NOT_ALLOWED = Set.of(164, 291, 392, 497);
    private static final Set<Integer> DISK_TROUBLE = Set.of(74, 75, DISK_FULL);
    /** Unknown table, column, database, function; types that do not convert. */
    private static final Set<Integer> OTHER_SHAPE = Set.of(6, 16, 27, 47, 53, 60, 70, 81, 349);
    /** Cut or slow requests, too much at once, a server that starts or ends, keepers and replicas that are away. */
    private static final Set<Integer> PASSING = Set.of(
            3, 32, 33, 95, 101, 159, 160, 198, 202, 203, 209, 210, 225, 236, 241, 242, 246, 252, 285, 286, 289, 298,
            305, 306, 319, 335, 364, 373, 394, 425, 439, 499, 598, 614, 722, 733, 745, 999, 1000);

    private Failures() {}

    /**
     * Returns the exception to throw.
     *
     * @param where address and database
     * @param failure what the client reported
     * @param shardsAway finds out which shards are away, if one is
     */
    static TsdashException translate(String where, Throwable failure, Supplier<String> shardsAway) {
        TsdashException known = find(failure, TsdashException.class);
        if (known != null) {
            return known;
        }
        ServerException server = find(failure, ServerException.class);
        if (server != null) {
            return server.getCode() == SHARD_AWAY
                    ? ofShard("store '" + where + "' ", server, shardsAway)
                    : ofServer("store '" + where + "' ", server);
        }
        return ofNetwork("store '" + where + "' ", failure);
    }

    private static TsdashException ofShard(String store, ServerException failure, Supplier<String> shardsAway) {
        String shards;
        try {
            shards = shardsAway.get();
        } catch (TsdashException e) {
            shards = "which one could not be found out: " + e.getMessage();
        }
        return new TransientException(
                store + "cannot reach a shard: check that it runs (" + shards + "; " + firstLine(failure) + ")",
                failure);
    }

    private static TsdashException ofServer(String store, ServerException failure) {
        int code = failure.getCode();
        String said = " (" + firstLine(failure) + ")";
        if (code == WRONG_PASSWORD) {
            return new PermanentException(store + "refuses us: check user and password" + said, failure);
        }
        if (NOT_ALLOWED.contains(code)) {
            return new PermanentException(
                    store + "does not let this user do so: grant it what it lacks, or use another user" + said,
                    failure);
        }
        if (DISK_TROUBLE.contains(code) || firstLine(failure).contains("No space left")) {
            return new TransientException(store + "cannot write: free space on its disk" + said, failure);
        }
        if (OTHER_SHAPE.contains(code)) {
            return new PermanentException(
                    store + "has tables of another shape: use a database of its own for tsdash" + said, failure);
        }
        if (PASSING.contains(code)) {
            return new TransientException(store + "could not do it now" + said, failure);
        }
        return new PermanentException(store + "failed" + said, failure);
    }

    /** Returns whether the connection ended before an answer: a server was there, and has said nothing. */
    static boolean isCut(Throwable failure) {
        return Stream.of(
                        TsdashException.class,
                        ServerException.class,
                        UnknownHostException.class,
                        SocketTimeoutException.class,
                        ConnectException.class)
                .allMatch(other -> find(failure, other) == null);
    }

    private static TsdashException ofNetwork(String store, Throwable failure) {
        String said = " (" + rootText(failure) + ")";
        if (find(failure, UnknownHostException.class) != null) {
            return new TransientException(store + "cannot be found: check the name of the host" + said, failure);
        }
        if (find(failure, SocketTimeoutException.class) != null) {
            return new TransientException(store + "did not answer in time" + said, failure);
        }
        boolean cut = find(failure, SocketException.class) != null || find(failure, EOFException.class) != null;
        if (find(failure, SSLException.class) != null && !cut) {
            return new PermanentException(
                    store + "and we do not agree on TLS: check http or https, the port and the certificate" + said,
                    failure);
        }
        if (find(failure, ConnectException.class) != null) {
            return new TransientException(
                    store + "cannot be reached: check that it runs, and the port" + said, failure);
        }
        return new TransientException(store + "was cut off" + said, failure);
    }

    private static String firstLine(Throwable failure) {
        String text = String.valueOf(failure.getMessage());
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }

    private static String rootText(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getClass().getSimpleName() + ": " + firstLine(root);
    }

    static <T extends Throwable> @Nullable T find(Throwable failure, Class<T> type) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (type.isInstance(at)) {
                return type.cast(at);
            }
        }
        return null;
    }
}
