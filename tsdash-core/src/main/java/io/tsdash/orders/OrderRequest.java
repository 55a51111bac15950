package io.tsdash.orders;

import io.tsdash.error.InvalidInputException;
import io.tsdash.model.Side;

/**
 * An order as its user asked for it. Two requests are the same if all of their values are.
 *
 * @param user whose order it is; 1 to 128 characters without control characters
 * @param clientOrderId chosen by the user's program, unique for the user for ever; 1 to 64 characters from '!' to '~'
 * @param symbol 1 to 64 characters without control characters
 * @param side buy or sell
 * @param type market or limit
 * @param price the limit, finite; NaN for a market order, which has none
 * @param volume finite and above 0
 */
public record OrderRequest(
        String user, String clientOrderId, String symbol, Side side, OrderType type, double price, double volume) {
    private static final int SYMBOL_LENGTH_MAX = 64;

    /** @throws InvalidInputException if a value breaks its rule; the message names value and rule */
    public OrderRequest {
        OrderKey.checkUser(user);
        OrderKey.checkClientOrderId(clientOrderId);
        OrderKey.checkText("symbol", symbol, SYMBOL_LENGTH_MAX);
        if (side == Side.UNKNOWN) {
            throw InvalidInputException.of("side", side, "must be BUY or SELL");
        }
        if (type == OrderType.LIMIT && !Double.isFinite(price)) {
            throw InvalidInputException.of("price", price, "must be finite for a LIMIT order");
        }
        if (type == OrderType.MARKET && !Double.isNaN(price)) {
            throw InvalidInputException.of("price", price, "must be absent for a MARKET order");
        }
        if (!Double.isFinite(volume) || volume <= 0) {
            throw InvalidInputException.of("volume", volume, "must be finite and above 0");
        }
    }

    /** Returns the name of the order. */
    public OrderKey key() {
        return new OrderKey(user, clientOrderId);
    }
}
