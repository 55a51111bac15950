package io.tsdash.spi;

import io.tsdash.error.TsdashException;
import io.tsdash.orders.OrderGateway;
import io.tsdash.time.TimeSource;

/**
 * Makes the order gateways of one kind; found by {@link java.util.ServiceLoader} under its name.
 *
 * <p>Has a public constructor without parameters that does nothing.
 */
public interface OrderGatewayProvider {

    /** Returns the name that a gateway's text begins with, such as {@code paper} in {@code paper:orders.jsonl}. */
    String name();

    /** Returns what it is and how its text goes on, in one line for people. */
    String description();

    /**
     * Opens a gateway without starting it.
     *
     * @param argument what follows the name and a colon; empty when nothing does
     * @param time the clocks it is to use
     * @throws TsdashException naming what is wrong with the argument, or what it names
     */
    OrderGateway open(String argument, TimeSource time);
}
