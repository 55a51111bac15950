package io.tsdash.orders;

/** At what price an order may be done. */
public enum OrderType {
    /** At whatever the market gives. */
    MARKET,
    /** At its price or better. */
    LIMIT
}
