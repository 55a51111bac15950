package io.tsdash.relay;

import io.tsdash.distribution.Hub;

/** What a leader does: it fills the channels. */
@FunctionalInterface
public interface RelayWork {

    /**
     * Begins. Fails with an exception to give the lead back.
     *
     * @param source the hub to fill, running; it holds the channels as they were left by the leader before
     * @param sinceNanos by the monotonic clock, since when nobody may have filled them
     * @return closed, within some seconds, when this node does not lead any more; all must be in the hub then
     */
    AutoCloseable begin(Hub source, long sinceNanos) throws InterruptedException;
}
