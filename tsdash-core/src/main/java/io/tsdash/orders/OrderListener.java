package io.tsdash.orders;

/** Learns what becomes of orders. Called by one thread at a time, in the order of the changes; must not block for long. */
@FunctionalInterface
public interface OrderListener {

    /** An order has changed, or was accepted. What is told is safe: a gateway that starts again knows it. */
    void onChange(OrderState state);
}
