package io.tsdash.aggregation;

/** What became of a trade that was given to an aggregation. */
public enum Outcome {
    /** Taken in. */
    ADDED,
    /** Taken in although it came out of order, behind a later trade of its symbol. */
    ADDED_LATE,
    /** Replaced an earlier version of the same trade: a correction. */
    CORRECTED,
    /** Took a trade back, or made sure that one still to come will not count. */
    CANCELLED,
    /** Already known, in this version or a higher one; changed nothing. */
    DUPLICATE,
    /** Older than its symbol's clock by more than the lateness bound; not counted in any bar. */
    TOO_LATE,
    /** Its event time is ahead of its receive time by more than the bound; set aside, and no clock moved. */
    TOO_FAR_AHEAD;

    /** Returns whether the trade was not taken in. */
    public boolean isSetAside() {
        return this == DUPLICATE || this == TOO_LATE || this == TOO_FAR_AHEAD;
    }
}
