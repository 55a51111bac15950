package io.tsdash.benchmarks.stores;

import io.tsdash.model.Trade;
import io.tsdash.store.MarketStore;
import java.util.List;

/** A real engine, started for one measurement and ended with it, empty at the start. */
interface StoreContender extends AutoCloseable {

    /** A loop by hand with the engine's own client; not thread-safe. */
    interface HandWritten extends AutoCloseable {
        /** Writes a batch and returns when the engine has acknowledged it. */
        void write(List<Trade> batch) throws Exception;

        @Override
        void close();
    }

    /** Returns our store, open, in a database of its own. */
    MarketStore store();

    /**
     * Returns the fastest loop that the engine's own client offers, into a database of its own with the same tables, indexes
     * and views as ours; new, and empty, each time.
     */
    HandWritten handWritten() throws Exception;

    /** Does what a server does by itself after a load, where this one does not. */
    default void settle() throws Exception {}

    /** Returns the processor time that the server has used so far, in nanoseconds. */
    long serverCpuNanos();

    @Override
    void close();
}
