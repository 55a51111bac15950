package io.tsdash.bus;

import java.util.Map;

/** One consumer of a bus. Thread-safe. */
public interface BusConsumer extends AutoCloseable {

    /** Returns its name. */
    String name();

    /** Returns how many events it was given and has not acknowledged. */
    long lag();

    /** Returns its lag by partition; on a bus between processes, of those partitions that this node has now. */
    Map<Integer, Long> lagByPartition();

    /** Returns how many events it has acknowledged. */
    long acknowledged();

    /** Returns how many events it lost because it was full. */
    long dropped();

    /** Returns how many events were skipped because its handler failed on them for good, or because they cannot be read. */
    long skipped();

    /** Returns whether it takes events: not closed, and not stopped by a failure. */
    boolean running();

    /**
     * Leaves the bus, in bounded time. What it has not acknowledged is dropped, and told; or the bus keeps it for the next
     * consumer of this name (B8). Twice is no error.
     */
    @Override
    void close();
}
