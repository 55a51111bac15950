package io.tsdash.spi;

import io.tsdash.error.ConfigurationException;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import java.util.List;

/**
 * Opens the stores of one kind; found by {@link java.util.ServiceLoader} under its name.
 *
 * <p>Has a public constructor without parameters that does nothing. The argument of the options is the address.
 */
public interface StoreProvider {

    /** Returns the name that a store is asked for by, such as {@code clickhouse}. */
    String name();

    /** Returns what it is, the form of its address and its options, in one line for people. */
    String description();

    /**
     * Connects, brings the schema to this version, and opens the store.
     *
     * @param options what the user wrote
     * @param time the clocks it is to use
     * @throws ConfigurationException with everything that is wrong with the options
     * @throws io.tsdash.error.TransientException if the server cannot be reached now
     * @throws io.tsdash.error.PermanentException if it refuses us, or has a schema that we do not know
     */
    MarketStore open(ProviderOptions options, TimeSource time);

    /**
     * Connects and returns the statements that {@link #open} would run now to bring the schema to this version; changes
     * nothing.
     *
     * @throws ConfigurationException with everything that is wrong with the options
     * @throws io.tsdash.error.TransientException if the server cannot be reached now
     * @throws io.tsdash.error.PermanentException if it refuses us, or has a schema that we do not know
     */
    List<String> plan(ProviderOptions options);
}
