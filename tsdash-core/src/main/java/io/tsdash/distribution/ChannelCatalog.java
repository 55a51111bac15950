package io.tsdash.distribution;

import java.util.Optional;

/** Knows which channels can come to be, so that a misspelt subscription fails at once. Called on the hub's thread. */
@FunctionalInterface
public interface ChannelCatalog {

    /**
     * Says what is wrong with a subscription.
     *
     * @param name of a channel that is not there, or a prefix that ends in {@code *}
     * @return the reason, worded to follow "but"; empty if such a channel can come to be
     */
    Optional<String> problem(String name);
}
