package io.tsdash.examples.orders;

import io.tsdash.orders.OrderKey;
import io.tsdash.orders.OrderRequest;
import java.math.BigDecimal;

/** One line of the journal: something that has happened to an order. Entries in order are the whole account. */
sealed interface Entry {

    /** Returns when, nanoseconds since the epoch. */
    long timeNanos();

    /** Returns the order that it happened to. */
    OrderKey key();

    /**
     * An order was taken.
     *
     * @param timeNanos when
     * @param orderId the name that it was given
     * @param request what was asked
     */
    record Placed(long timeNanos, String orderId, OrderRequest request) implements Entry {
        @Override
        public OrderKey key() {
            return request.key();
        }
    }

    /**
     * Some of an order was filled.
     *
     * @param timeNanos when
     * @param key the order
     * @param price at which
     * @param volume how much
     */
    record Filled(long timeNanos, OrderKey key, double price, BigDecimal volume) implements Entry {}

    /**
     * An order was taken back.
     *
     * @param timeNanos when
     * @param key the order
     */
    record Cancelled(long timeNanos, OrderKey key) implements Entry {}
}
