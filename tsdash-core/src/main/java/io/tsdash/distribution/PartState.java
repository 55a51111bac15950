package io.tsdash.distribution;

/** How a feed, store or other part is connected. */
public enum PartState {
    /** It delivers. */
    LIVE,
    /** It tries to. */
    CONNECTING,
    /** It failed. */
    DOWN,
    /** It has delivered all that it will. */
    ENDED
}
