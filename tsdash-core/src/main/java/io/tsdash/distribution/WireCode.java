package io.tsdash.distribution;

/** The numbered errors and reasons to close, as in {@code docs/protocol.md} section 6. */
public enum WireCode {
    /** The server is shutting down. */
    SHUTTING_DOWN(4001, true),
    /** The session is too slow for what it subscribed to. */
    TOO_SLOW(4008, true),
    /** A frame or command that cannot be understood. */
    MALFORMED(4400, false),
    /** No token, none that is valid, or it has ended. */
    UNAUTHENTICATED(4401, true),
    /** What was asked for is not permitted. */
    FORBIDDEN(4403, false),
    /** No such channel, symbol or interval. */
    UNKNOWN_CHANNEL(4404, false),
    /** More subscriptions than a session may have. */
    TOO_MANY_SUBSCRIPTIONS(4409, false),
    /** An order that cannot be taken. */
    ORDER_REFUSED(4410, false),
    /** A frame above the limit. */
    FRAME_TOO_LARGE(4413, false),
    /** Commands come faster than they can be done. */
    TOO_MANY_COMMANDS(4429, true),
    /** A fault of the server. */
    INTERNAL(4500, true),
    /** The server or its store cannot answer now. */
    UNAVAILABLE(4503, true);

    private final int code;
    private final boolean retry;

    WireCode(int code, boolean retry) {
        this.code = code;
        this.retry = retry;
    }

    /** Returns the number on the wire. */
    public int code() {
        return code;
    }

    /** Returns whether trying again can help. */
    public boolean retry() {
        return retry;
    }
}
