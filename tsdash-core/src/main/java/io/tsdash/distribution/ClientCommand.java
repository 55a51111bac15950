package io.tsdash.distribution;

import io.tsdash.error.InvalidInputException;
import io.tsdash.model.Side;
import io.tsdash.orders.OrderKey;
import io.tsdash.orders.OrderRequest;
import io.tsdash.orders.OrderType;
import java.util.List;
import java.util.OptionalLong;

/**
 * What a client says to its session, free of any codec; {@code docs/protocol.md} section 3 says what each means.
 *
 * <p>Immutable.
 */
public sealed interface ClientCommand permits SubscribeCommand, ClientCommand.Control {

    /** A command that is no subscription. */
    sealed interface Control extends ClientCommand {}

    /**
     * Ends subscriptions.
     *
     * @param id comes back with the answer
     * @param channels as they were subscribed to; one that is not there is no error
     */
    record Unsubscribe(long id, List<String> channels) implements Control {
        /** Copies the list. */
        public Unsubscribe {
            channels = List.copyOf(channels);
        }
    }

    /**
     * Asks for a sign of life.
     *
     * @param id comes back with the answer
     */
    record Ping(long id) implements Control {}

    /**
     * Asks for checksums of state channels.
     *
     * @param id comes back with each
     * @param channels that the session has
     */
    record Checksum(long id, List<String> channels) implements Control {
        /** Copies the list. */
        public Checksum {
            channels = List.copyOf(channels);
        }
    }

    /**
     * Says who the client is, at first or anew.
     *
     * @param id comes back with the answer
     * @param token what the server's authenticator reads
     */
    record Authenticate(long id, String token) implements Control {}

    /**
     * Places an order of the session's user.
     *
     * @param id comes back with the answer
     * @param clientOrderId chosen by the client
     * @param symbol what to trade
     * @param side BUY or SELL
     * @param type at what price
     * @param price the limit; NaN when there is none
     * @param volume how much
     */
    record PlaceOrder(
            long id, String clientOrderId, String symbol, Side side, OrderType type, double price, double volume)
            implements Control {
        /** @throws InvalidInputException if a value breaks its rule; the message names value and rule */
        public PlaceOrder {
            // The request checks; the user is not known yet and any will do.
            new OrderRequest(Access.ANONYMOUS, clientOrderId, symbol, side, type, price, volume).key();
        }

        /**
         * Reads a command.
         *
         * @param side as text
         * @param type as text
         * @throws InvalidInputException if a value breaks its rule; the message names value and rule
         */
        public static PlaceOrder of(
                long id, String clientOrderId, String symbol, String side, String type, double price, double volume) {
            if (!side.equals("BUY") && !side.equals("SELL")) {
                throw InvalidInputException.of("side", shown(side), "must be BUY or SELL");
            }
            if (!type.equals("MARKET") && !type.equals("LIMIT")) {
                throw InvalidInputException.of("type", shown(type), "must be MARKET or LIMIT");
            }
            return new PlaceOrder(
                    id, clientOrderId, symbol, Side.valueOf(side), OrderType.valueOf(type), price, volume);
        }

        /** Returns what is asked of the gateway. */
        public OrderRequest request(String user) {
            return new OrderRequest(user, clientOrderId, symbol, side, type, price, volume);
        }

        private static String shown(String text) {
            return text.length() > 16 ? text.substring(0, 16) + "…" : text;
        }
    }

    /**
     * Takes an order of the session's user back.
     *
     * @param id comes back with the answer
     * @param clientOrderId as it was placed under
     */
    record CancelOrder(long id, String clientOrderId) implements Control {
        /** @throws InvalidInputException if the name breaks its rule */
        public CancelOrder {
            OrderKey.checkClientOrderId(clientOrderId);
        }

        /** Returns what is asked of the gateway. */
        public OrderKey key(String user) {
            return new OrderKey(user, clientOrderId);
        }
    }

    /**
     * A command that could not be understood; the session answers it in its turn.
     *
     * @param id of the command, if that could be read
     * @param message what, value and rule
     */
    record Malformed(OptionalLong id, String message) implements Control {}
}
