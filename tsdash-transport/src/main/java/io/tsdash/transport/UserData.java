package io.tsdash.transport;

import java.util.Optional;
import java.util.Set;

/** Keeps small JSON texts of users between their visits, such as a watch-list. Thread-safe. Calls may block. */
public interface UserData {
    /** How large a text may be, in bytes of UTF-8. */
    int BYTES_MAX = 16 * 1024;

    /** Returns the names of the texts that a user may have, such as {@code watchlist}. */
    Set<String> names();

    /**
     * Returns a user's text; empty when there is none.
     *
     * @throws io.tsdash.error.TransientException if it cannot be read now
     */
    Optional<String> read(String user, String name);

    /**
     * Keeps a user's text, in place of the one before.
     *
     * @param json an object or array, at most {@value #BYTES_MAX} bytes
     * @throws io.tsdash.error.TransientException if it cannot be kept now
     */
    void write(String user, String name, String json);
}
