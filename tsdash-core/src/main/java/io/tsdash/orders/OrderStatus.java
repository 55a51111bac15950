package io.tsdash.orders;

/** Where an order stands. */
public enum OrderStatus {
    /** Taken; nothing is filled yet. */
    ACCEPTED(true),
    /** Some of its volume is filled. */
    PARTLY_FILLED(true),
    /** All of its volume is filled. */
    FILLED(false),
    /** Taken back; what was filled before stays filled. */
    CANCELLED(false),
    /** Taken by the gateway, but not by the venue behind it. */
    REJECTED(false);

    private final boolean open;

    OrderStatus(boolean open) {
        this.open = open;
    }

    /** Returns whether more can become of the order. */
    public boolean isOpen() {
        return open;
    }
}
