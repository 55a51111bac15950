package io.tsdash.orders;

import io.tsdash.model.MarketEvent;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * The way to whoever executes orders: a venue, a broker, or a paper account.
 *
 * <p>The rules, each held by a test of the contract kit:
 *
 * <ul>
 *   <li>O1: an order is acknowledged after it is safe: who kills the process and starts it again finds it.
 *   <li>O2: the same order again gets the same acknowledgement and does nothing more, for ever, ended orders included.
 *   <li>O3: another order under a name that is taken is refused with {@link OrderReply.Reason#OTHER_ORDER}.
 *   <li>O4: cancelling an open order is acknowledged, and again each time it is repeated; an order that ended otherwise
 *       is refused with {@link OrderReply.Reason#ENDED}, one that is not there with
 *       {@link OrderReply.Reason#UNKNOWN_ORDER}.
 *   <li>O5: each change is told once to the listener, after it is safe; revisions of an order are 0, 1, 2 and so on.
 *   <li>O6: {@link #orders} gives all open orders of the user and no order of another.
 *   <li>O7: a user has at most {@link #OPEN_ORDERS_MAX} open orders; one more is refused with
 *       {@link OrderReply.Reason#TOO_MANY}.
 *   <li>O8: after {@link #close} commands are refused with {@link OrderReply.Reason#UNAVAILABLE}. Closing twice is no
 *       error.
 * </ul>
 *
 * <p>Thread-safe. Methods that answer with a stage may not wait for disk or network; the stage ends in bounded time. It
 * may complete exceptionally, which says the same as UNAVAILABLE: the command may have been done, send it again.
 */
public interface OrderGateway extends AutoCloseable {
    /** So many open orders a user may have. */
    int OPEN_ORDERS_MAX = 200;

    /** Says who learns of changes, before the first command; once. */
    void start(OrderListener listener);

    /** Takes an order. */
    CompletionStage<OrderReply> place(OrderRequest request);

    /** Takes an order back. */
    CompletionStage<OrderReply> cancel(OrderKey order);

    /** Returns the user's open orders and the newest of those that ended, by the time of their last change. */
    CompletionStage<List<OrderState>> orders(String user);

    /** Tells what the market did; a gateway to a venue has no use for it. May wait when there is too much. */
    default void onMarket(List<? extends MarketEvent> events) {}

    /** Stops taking commands and ends in bounded time; what was acknowledged is safe. */
    @Override
    void close();
}
