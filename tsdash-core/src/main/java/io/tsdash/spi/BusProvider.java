package io.tsdash.spi;

import io.tsdash.bus.BusListener;
import io.tsdash.bus.EventBus;
import io.tsdash.error.ConfigurationException;
import io.tsdash.time.TimeSource;

/**
 * Opens the buses of one kind; found by {@link java.util.ServiceLoader} under its name.
 *
 * <p>Has a public constructor without parameters that does nothing. The argument of the options is the address.
 */
public interface BusProvider {

    /** Returns the name that a bus is asked for by, such as {@code kafka}. */
    String name();

    /** Returns what it is, the form of its address and its options, in one line for people. */
    String description();

    /**
     * Connects, checks what it finds there, and opens the bus.
     *
     * @param options what the user wrote
     * @param listener told of what the bus does beside delivering
     * @param time the clocks it is to use
     * @throws ConfigurationException with everything that is wrong with the options
     * @throws io.tsdash.error.TransientException if the other side cannot be reached now
     * @throws io.tsdash.error.PermanentException if it refuses us
     */
    EventBus open(ProviderOptions options, BusListener listener, TimeSource time);
}
