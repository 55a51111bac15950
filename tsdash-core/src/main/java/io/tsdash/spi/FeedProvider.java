package io.tsdash.spi;

import io.tsdash.error.ConfigurationException;
import io.tsdash.source.Feed;
import io.tsdash.time.TimeSource;

/**
 * Makes the feeds of one kind; found by {@link java.util.ServiceLoader} under its name.
 *
 * <p>Has a public constructor without parameters that does nothing.
 */
public interface FeedProvider {

    /** Returns the name that a feed's text begins with, such as {@code replay} in {@code replay:tape.csv}. */
    String name();

    /** Returns what it is and how its text goes on, in one line for people. */
    String description();

    /**
     * Opens a feed without starting it.
     *
     * @param options what the user wrote
     * @param time the clocks it is to use
     * @throws ConfigurationException with everything that is wrong with the options
     */
    Feed open(ProviderOptions options, TimeSource time);
}
