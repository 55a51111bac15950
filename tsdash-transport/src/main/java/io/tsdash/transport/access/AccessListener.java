package io.tsdash.transport.access;

import io.tsdash.distribution.WireCode;

/** Learns who was refused what. Called by the threads of the server; must not block or throw. */
@FunctionalInterface
public interface AccessListener {

    /**
     * A client was refused.
     *
     * @param client its address
     * @param user who it is; empty when that is not known
     * @param code as it was told
     * @param why as it was told
     */
    void refused(String client, String user, WireCode code, String why);

    /**
     * A request was refused because its sender has sent too many.
     *
     * @param client its address
     * @param user who it is; empty when that is not known
     */
    default void limited(String client, String user) {}

    /** Returns a listener that does nothing. */
    static AccessListener none() {
        return (client, user, code, why) -> {};
    }
}
