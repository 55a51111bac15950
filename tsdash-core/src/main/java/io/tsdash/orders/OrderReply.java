package io.tsdash.orders;

/** What a gateway says to a command. */
public sealed interface OrderReply {

    /**
     * The command was done, now or earlier.
     *
     * @param clientOrderId of the order
     * @param orderId the gateway's name for it
     * @param status what the command did: {@link OrderStatus#ACCEPTED} or {@link OrderStatus#CANCELLED}
     */
    record Acknowledged(String clientOrderId, String orderId, OrderStatus status) implements OrderReply {}

    /**
     * The command was not done, and nothing has changed.
     *
     * @param reason for programs
     * @param message value and rule
     */
    record Refused(Reason reason, String message) implements OrderReply {}

    /** Why a command is refused. */
    enum Reason {
        /** The symbol cannot be traded here. */
        UNKNOWN_SYMBOL,
        /** There is no order of this name. */
        UNKNOWN_ORDER,
        /** The user has another order of this name. */
        OTHER_ORDER,
        /** The order has ended already. */
        ENDED,
        /** The user has as many open orders as may be. */
        TOO_MANY,
        /** Not now; the same command may be sent again. */
        UNAVAILABLE
    }
}
