package io.tsdash.source;

/** Whether a feed delivers. */
public enum ConnectionState {
    /** It tries to reach its source. */
    CONNECTING,
    /** It delivers. */
    LIVE,
    /** It lost its source or failed. It says {@link #CONNECTING} when it tries again. */
    DOWN,
    /** It has delivered all there is, or was closed. Nothing follows. */
    ENDED
}
