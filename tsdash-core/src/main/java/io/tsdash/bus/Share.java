package io.tsdash.bus;

import io.tsdash.error.ConfigurationException;
import java.util.List;

/**
 * How the consumers of one name on several nodes divide what is published.
 *
 * <p>A bus within one process has one node: there each of them means that the consumer gets everything from now on.
 */
public sealed interface Share {

    /**
     * Returns the share for work that is to be done once, such as writing to a store: each partition goes to one node, and
     * the bus keeps the position of the name. A node that restarts, or another that takes over, goes on from it; a name that
     * the bus has not seen before begins with what is published from now on.
     */
    static Share amongNodes() {
        return AmongNodes.INSTANCE;
    }

    /** Returns the share for views: each node gets everything, from now on; no position is kept. */
    static Share everyNode() {
        return EveryNode.INSTANCE;
    }

    /**
     * Returns the share for views that begin with what a store holds: each node gets everything from where the consumer of
     * another name stands, so that nothing is missing between the two. What is before that position may come too.
     *
     * @param consumer the name of a consumer {@linkplain #amongNodes() among nodes}; where it has no position yet, from now on
     * @throws ConfigurationException if the name is blank
     */
    static Share everyNodeAfter(String consumer) {
        return new EveryNodeAfter(consumer);
    }

    /** See {@link #amongNodes()}. */
    enum AmongNodes implements Share {
        /** There is only one. */
        INSTANCE
    }

    /** See {@link #everyNode()}. */
    enum EveryNode implements Share {
        /** There is only one. */
        INSTANCE
    }

    /**
     * See {@link #everyNodeAfter}.
     *
     * @param consumer whose position it begins at
     */
    record EveryNodeAfter(String consumer) implements Share {

        /** @throws ConfigurationException if the name is blank */
        public EveryNodeAfter {
            if (consumer.isBlank()) {
                throw new ConfigurationException(
                        List.of("share.after was '" + consumer + "' but it must not be blank"));
            }
        }
    }
}
