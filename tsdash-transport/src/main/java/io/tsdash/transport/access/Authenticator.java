package io.tsdash.transport.access;

/** Reads tokens. Called by a few threads of the server; may block, for some seconds at most. Thread-safe. */
@FunctionalInterface
public interface Authenticator {

    /**
     * Says what a token gives.
     *
     * @param token as the client sent it, of any content; at most 16 KiB
     */
    Authentication authenticate(String token);
}
