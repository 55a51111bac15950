package io.tsdash.model;

/** How final a bar is. */
public enum BarState {
    /** Its window still runs. */
    OPEN,
    /** The clock has passed the end of its window. */
    CLOSED,
    /** Sent again after it was closed, because a trade came late, was cancelled or corrected. */
    REVISED
}
