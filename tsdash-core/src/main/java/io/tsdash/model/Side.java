package io.tsdash.model;

/** Who crossed the spread: the aggressor's side of a trade. */
public enum Side {
    /** The buyer took the offer. */
    BUY,
    /** The seller hit the bid. */
    SELL,
    /** The venue does not say. */
    UNKNOWN
}
