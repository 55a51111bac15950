package io.tsdash.transport;

/**
 * Hears what goes over a server's connections. Called by event loops, often: it must be quick, and must not block or throw.
 */
public interface TrafficListener {
    /** Hears nothing. */
    TrafficListener NONE = new TrafficListener() {};

    /**
     * Messages of sockets and streams were handed to the network together.
     *
     * @param messages how many
     * @param bytes of them all as they leave: compressed if they are, before any encryption
     * @param oldestNanos the lowest event time of the trades and quotes that they tell of, or
     *     {@link io.tsdash.distribution.SessionOutput#NO_EVENT}
     */
    default void sent(int messages, long bytes, long oldestNanos) {}

    /** A message of a client came, of so many bytes before it is inflated. */
    default void received(int bytes) {}

    /**
     * A request was answered, or has become a socket or a stream. Called within the span of a request that is traced.
     *
     * @param method {@code GET}, {@code HEAD} or {@code PUT}; {@code _OTHER} for those that are not served
     * @param route the pattern of the path, such as {@code /user/{name}}, never the path itself; {@code /*} for files
     * @param status of the answer
     * @param nanos from the request to the answer
     */
    default void answered(String method, String route, int status, long nanos) {}
}
