package io.tsdash.distribution;

/**
 * The way out to one client, implemented by a transport. Called by the hub's thread; none of its methods may block.
 *
 * <p>The hub stops sending while {@link #queuedBytes()} is above its limit, so a transport needs no limit of its own.
 */
public interface SessionOutput {

    /** Stands for the time of the oldest event of a frame that holds none. */
    long NO_EVENT = Long.MAX_VALUE;

    /** Queues a frame; the array is shared between sessions and must not be changed. */
    void send(byte[] frame);

    /**
     * Queues a frame as {@link #send(byte[])} does, for transports that measure how old events are when they leave.
     *
     * @param oldestNanos the lowest event time of the trades and quotes that it tells of, or {@link #NO_EVENT}
     */
    default void send(byte[] frame, long oldestNanos) {
        send(frame);
    }

    /** Does something once all that was queued before was given to the network, on any thread; not at all if it ends before. */
    default void whenSent(Runnable task) {
        task.run();
    }

    /** Returns how many bytes wait for the network. */
    long queuedBytes();

    /**
     * Returns whether what carries frames away is behind with those of other sessions: this one then waits a moment and
     * sends what is newest by then.
     */
    default boolean isBehind() {
        return false;
    }

    /** Ends the connection after what is queued, in bounded time; further calls do nothing. */
    void close(WireCode code, String text);
}
