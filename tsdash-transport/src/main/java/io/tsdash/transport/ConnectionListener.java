package io.tsdash.transport;

/** Learns of connections: sockets, streams, and those that the server ended because of their clients. Called by event loops; must not block or throw. */
@FunctionalInterface
public interface ConnectionListener {
    /** The code of a connection that was ended without a word: its client was silent. */
    int SILENT = 1006;

    /**
     * A connection was ended.
     *
     * @param client its address
     * @param code as the client was told: 1002, 1007 or 4413 for what it sent on a WebSocket, 408 for a request that was
     *     not whole in time, 503 for one connection too many; {@link #SILENT}
     * @param why as the client was told
     */
    void ended(String client, int code, String why);

    /** A client has begun to follow channels. */
    default void opened(TransportKind transport) {}

    /** A socket or stream has ended. */
    default void closed(TransportKind transport, CloseReason reason) {}

    /** Returns a listener that does nothing. */
    static ConnectionListener none() {
        return (client, code, why) -> {};
    }
}
