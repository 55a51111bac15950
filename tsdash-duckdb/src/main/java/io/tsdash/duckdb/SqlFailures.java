package io.tsdash.duckdb;

import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.error.TsdashException;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.util.Locale;

/** Says of a failure of DuckDB whether trying again can help, and what a person can do about it. */
final class SqlFailures {
    private SqlFailures() {}

    static TsdashException translate(String file, SQLException failure) {
        String text = String.valueOf(failure.getMessage());
        String lower = text.toLowerCase(Locale.ROOT);
        String where = "store '" + file + "' ";
        if (lower.contains("could not set lock")) {
            return new TransientException(
                    where + "is open in another process: stop that one, or use another file (" + text + ")", failure);
        }
        if (lower.contains("no space left")
                || lower.contains("file too large")
                || lower.contains("could not write")
                || lower.contains("disk quota")) {
            return new TransientException(
                    where + "cannot write: free space on its disk, then open it again (" + text + ")", failure);
        }
        if (lower.contains("permission denied") || lower.contains("read-only") || lower.contains("cannot open file")) {
            return new PermanentException(
                    where + "cannot be opened: use a file in a folder that this user may write to (" + text + ")",
                    failure);
        }
        if (lower.contains("not a valid duckdb")
                || lower.contains("corrupt")
                || lower.contains("checksum")
                || lower.contains("serialization error")
                || lower.contains("version number")) {
            return new PermanentException(
                    where + "is damaged or no DuckDB file of this version: move it away or restore a backup (" + text
                            + ")",
                    failure);
        }
        if (lower.contains("invalidated")) {
            return new PermanentException(
                    where + "was closed by DuckDB after a failure: open it again, all that was acknowledged is kept ("
                            + text + ")",
                    failure);
        }
        if (failure instanceof SQLTimeoutException || lower.contains("interrupt") || lower.contains("timeout")) {
            return new TransientException(where + "stopped a query that ran too long (" + text + ")", failure);
        }
        if (lower.contains("conflict") || lower.contains("out of memory")) {
            return new TransientException(where + "failed: " + text, failure);
        }
        return new PermanentException(where + "failed: " + text, failure);
    }
}
