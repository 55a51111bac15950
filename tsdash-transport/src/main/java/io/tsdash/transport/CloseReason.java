package io.tsdash.transport;

import io.tsdash.distribution.WireCode;

/** Why a socket or stream has ended. */
public enum CloseReason {
    /** The client closed it, or is gone. */
    CLIENT,
    /** The client may not have it, or not any more. */
    POLICY,
    /** The client did not take what was sent. */
    SLOW,
    /** The client broke the protocol. */
    PROTOCOL,
    /** The client did not answer a ping: it is gone without a word. */
    SILENT,
    /** The server is going away. */
    SHUTDOWN,
    /** A fault of the server. */
    ERROR;

    static CloseReason of(WireCode code) {
        return switch (code) {
            case TOO_SLOW -> SLOW;
            case SHUTTING_DOWN -> SHUTDOWN;
            case INTERNAL, UNAVAILABLE -> ERROR;
            case MALFORMED, FRAME_TOO_LARGE -> PROTOCOL;
            default -> POLICY;
        };
    }
}
