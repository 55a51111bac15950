package io.tsdash.distribution;

/** Says how many subscriptions a session may have, beyond the hub's own limit. Called on the hub's thread. */
@FunctionalInterface
public interface SubscriptionLimit {

    /** Returns whether the session may have so many names and patterns from now on; if not, all stays as it was. */
    boolean allow(int subscriptions);
}
