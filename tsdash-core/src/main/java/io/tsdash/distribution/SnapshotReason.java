package io.tsdash.distribution;

/** Why a session gets the whole of a channel. */
public enum SnapshotReason {
    /** It asked for the channel. */
    SUBSCRIBED,
    /** It asked to resume, but what it missed is not known any more: it may have missed something. */
    RESET,
    /** It was too slow for the deltas; on a state channel nothing but intermediate values is missing. */
    SLOW
}
