package io.tsdash.bus;

/** One consumer of a bus. Thread-safe. */
public interface BusConsumer extends AutoCloseable {

    /** Returns its name. */
    String name();

    /** Returns how many events it was given and has not acknowledged. */
    long lag();

    /** Returns how many events it has acknowledged. */
    long acknowledged();

    /** Returns how many events it lost because it was full. */
    long dropped();

    /** Returns how many events were skipped because its handler failed on them for good. */
    long skipped();

    /** Returns whether it takes events: not closed, and not stopped by a failure. */
    boolean running();

    /** Leaves the bus, in bounded time; what it has not acknowledged is dropped, and told. Twice is no error. */
    @Override
    void close();
}
