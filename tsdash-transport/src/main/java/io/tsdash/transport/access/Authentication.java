package io.tsdash.transport.access;

/** What an {@link Authenticator} says to a token. */
public sealed interface Authentication {

    /**
     * The token holds.
     *
     * @param grant what it gives
     */
    record Granted(Grant grant) implements Authentication {}

    /**
     * The token does not hold, and will not.
     *
     * @param reason for the client and for logs; must not repeat the token
     */
    record Refused(String reason) implements Authentication {}

    /**
     * It cannot be said now, since keys cannot be fetched or the like; the same token may hold later.
     *
     * @param reason for the client and for logs
     */
    record Unavailable(String reason) implements Authentication {}
}
