package io.tsdash.transport;

/** One more page of a server, such as its metrics: made anew for each request. Thread-safe. */
@FunctionalInterface
public interface Page {

    /**
     * Makes the page; may block for a moment.
     *
     * @param accept what the client would like, as its {@code Accept} field says; empty where it says nothing
     */
    Content content(String accept);

    /**
     * What a page holds.
     *
     * @param type its media type, with the charset where it is text
     * @param body not copied
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Content(String type, byte[] body) {}
}
