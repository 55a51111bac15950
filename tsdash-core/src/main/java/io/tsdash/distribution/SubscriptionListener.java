package io.tsdash.distribution;

import java.util.Optional;

/** Hears how a subscription begins. Must not block. */
public interface SubscriptionListener {

    /** Returns one that does nothing. */
    static SubscriptionListener none() {
        return NoSubscriptionListener.INSTANCE;
    }

    /** The hub has taken it, or refused it; on the hub's thread. */
    void subscribed(Optional<Refusal> refusal);

    /** The first that the session got of a channel after it was given to the network; on any thread, once at most. */
    void shown();

    /** The session has ended before that; on the hub's thread. */
    void gone();
}
