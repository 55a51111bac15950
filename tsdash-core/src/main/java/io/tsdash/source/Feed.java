package io.tsdash.source;

/**
 * A stream of trades and quotes: a live venue, a recorded tape or a simulator.
 *
 * <p>Owns one thread, named after its role, which makes every call to the listener. A listener that blocks holds the
 * feed back; what a live feed does then (buffer, fall behind, drop and report a {@link Gap}) it says itself. A feed runs
 * once: it is opened, started, and closed.
 */
public interface Feed extends AutoCloseable {

    /** Returns its name for people, such as {@code sim} or {@code replay:tape.csv.gz}. */
    String name();

    /**
     * Starts to deliver and returns at once. All that happens from here on, failures included, is told to the listener.
     *
     * @throws IllegalStateException if it was started or closed before
     */
    void start(FeedListener listener);

    /** Stops delivering, in bounded time: after it returns the listener is not called again. Twice is no error. */
    @Override
    void close();
}
