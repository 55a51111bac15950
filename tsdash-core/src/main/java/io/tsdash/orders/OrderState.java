package io.tsdash.orders;

/**
 * An order after a change. Holds all that is known of the order, so of two states the one with the higher revision says
 * everything.
 *
 * @param request as the user asked
 * @param orderId the gateway's name for it
 * @param revision 0 when it was accepted, +1 with each change
 * @param timeNanos when it changed, nanoseconds since the epoch
 * @param status where it stands
 * @param filled volume that was filled, in all
 * @param averagePrice of what was filled; NaN when nothing was
 * @param lastPrice of the fill that this revision tells; NaN when it tells none
 * @param lastVolume of that fill; NaN when it tells none
 * @param reason why it was rejected or cancelled, for people; empty when there is nothing to say
 */
public record OrderState(
        OrderRequest request,
        String orderId,
        long revision,
        long timeNanos,
        OrderStatus status,
        double filled,
        double averagePrice,
        double lastPrice,
        double lastVolume,
        String reason) {

    /** Returns the state of an order that was just taken. */
    public static OrderState accepted(OrderRequest request, String orderId, long timeNanos) {
        return new OrderState(
                request, orderId, 0, timeNanos, OrderStatus.ACCEPTED, 0, Double.NaN, Double.NaN, Double.NaN, "");
    }

    /** Returns the order's name. */
    public OrderKey key() {
        return request.key();
    }
}
