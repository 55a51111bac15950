package io.tsdash.timescale;

import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.error.TsdashException;
import java.io.IOException;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.sql.SQLException;
import javax.net.ssl.SSLException;

/** Says of a failure of the database whether trying again can help, and what a person can do about it. */
final class SqlFailures {
    private static final String UNIQUE_VIOLATION = "23505";
    private static final String SERIALIZATION_FAILURE = "40001";
    private static final String DEADLOCK = "40P01";

    private SqlFailures() {}

    static boolean isUniqueViolation(SQLException failure) {
        return state(failure).equals(UNIQUE_VIOLATION);
    }

    /** Whether the database picked this transaction to end so that another could go on: again at once is right. */
    static boolean isLostRace(SQLException failure) {
        String state = state(failure);
        return state.equals(SERIALIZATION_FAILURE) || state.equals(DEADLOCK);
    }

    /** Whether the connection, and likely every other one to this server, is of no more use. */
    static boolean isLostConnection(SQLException failure) {
        String state = state(failure);
        return state.startsWith("08") || state.startsWith("57P");
    }

    static TsdashException translate(TimescaleOptions options, SQLException failure) {
        String state = state(failure);
        String text = " (" + state + (state.isEmpty() ? "" : ": ") + oneLine(failure) + ")";
        String where = options.where() + " ";
        if (hasCause(failure, UnknownHostException.class)) {
            return new TransientException(
                    where + "has a host that is not known: check its name and the name service" + text, failure);
        }
        if (hasCause(failure, GeneralSecurityException.class)
                || isRefusedHandshake(failure)
                // The one refusal of the driver that has neither a cause nor a state of its own.
                || text.contains("HostnameVerifier")) {
            return new PermanentException(
                    where + "could not be reached with TLS: check sslMode '"
                            + options.sslMode().text() + "', the certificate and sslRootCertificate" + text,
                    failure);
        }
        return switch (state) {
            case "08004" ->
                new PermanentException(
                        where + "refuses connections of this kind: check sslMode '"
                                + options.sslMode().text() + "' against what the server speaks" + text,
                        failure);
            case "28P01" -> new PermanentException(where + "refuses user and password: correct them" + text, failure);
            case "28000" ->
                new PermanentException(
                        where + "does not let this user in from here: check user, sslMode and the server's pg_hba.conf"
                                + text,
                        failure);
            case "3D000" -> new PermanentException(where + "has no such database: create it" + text, failure);
            case "42501" ->
                new PermanentException(
                        where + "forbids this to the user: grant it, or use another user" + text, failure);
            case "25006" ->
                new TransientException(
                        where + "is read-only now: a standby, or out of space; make it writable" + text, failure);
            case "53100" -> new TransientException(where + "has a full disk: free space on it" + text, failure);
            case "53300" ->
                new TransientException(
                        where + "has too many connections: raise its limit or lower connectionsMax" + text, failure);
            case "57014" ->
                new TransientException(
                        where + "stopped a statement that ran too long: ask for less, or raise queryTimeout" + text,
                        failure);
            case "55P03", SERIALIZATION_FAILURE, DEADLOCK ->
                new TransientException(where + "was busy with the same rows: try again" + text, failure);
            default -> byClass(where, state, text, failure);
        };
    }

    private static TsdashException byClass(String where, String state, String text, SQLException failure) {
        return switch (state.length() < 2 ? "" : state.substring(0, 2)) {
            case "", "08" ->
                new TransientException(where + "cannot be reached, or did not answer in time" + text, failure);
            case "53", "57", "58" -> new TransientException(where + "cannot work now" + text, failure);
            case "42" ->
                new PermanentException(
                        where
                                + "does not hold what this tsdash expects: its tables were changed or are of another program"
                                + text,
                        failure);
            default -> new PermanentException(where + "failed" + text, failure);
        };
    }

    /** A handshake that ends in a TLS alert is refused for good; one that the network broke may pass. */
    private static boolean isRefusedHandshake(SQLException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException && !(cause.getCause() instanceof IOException)) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasCause(Throwable failure, Class<? extends Throwable> type) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    private static String state(SQLException failure) {
        String state = failure.getSQLState();
        return state == null ? "" : state;
    }

    private static String oneLine(SQLException failure) {
        return String.valueOf(failure.getMessage()).replaceAll("\\s*\\R\\s*", " ");
    }
}
