package io.tsdash.examples.feeds;

import io.tsdash.error.InvalidInputException;
import io.tsdash.model.Side;
import java.util.List;

/** What an exchange has said, in one form for all exchanges. A frame may say several things, or nothing of interest. */
sealed interface VenueMessage {

    /** Stands for a number or time that the exchange does not give. */
    long NONE = -1;

    /**
     * A trade.
     *
     * @param symbol the symbol
     * @param id the exchange's trade id
     * @param eventNanos when it happened
     * @param price the price
     * @param volume the volume
     * @param side who crossed the spread
     * @param regular whether it counts for prices and volume
     */
    record Traded(String symbol, long id, long eventNanos, double price, double volume, Side side, boolean regular)
            implements VenueMessage {
        public Traded {
            if (!(volume >= 0)) {
                throw InvalidInputException.of("volume", volume, "must not be negative");
            }
        }
    }

    /**
     * The newest trades at the time of a subscription: where the ids begin, and after a reconnect what was missed.
     *
     * @param symbol the symbol
     * @param trades at least one
     */
    record NewestTrades(String symbol, List<Traded> trades) implements VenueMessage {}

    /**
     * A best bid and ask.
     *
     * @param symbol the symbol
     * @param eventNanos since when, or {@link #NONE}
     * @param sequence the exchange's number of it, or {@link #NONE}
     * @param bid NaN if there is none
     * @param ask NaN if there is none
     * @param bidSize NaN if not given
     * @param askSize NaN if not given
     */
    record Quoted(String symbol, long eventNanos, long sequence, double bid, double ask, double bidSize, double askSize)
            implements VenueMessage {
        public Quoted {
            if (bidSize < 0 || askSize < 0 || (Double.isNaN(bid) && Double.isNaN(ask))) {
                throw new InvalidInputException("a quote must have a side, and sizes that are not negative");
            }
        }
    }

    /**
     * A price of the book and how much there is at it.
     *
     * @param price as written
     * @param size as written; 0 takes the price away
     */
    record Level(String price, String size) {
        public Level {
            Decimals.check("price", price);
            Decimals.check("size", size);
            if (size.startsWith("-")) {
                throw InvalidInputException.of("size", size, "must not be negative");
            }
        }

        double priceValue() {
            return Double.parseDouble(price);
        }

        double sizeValue() {
            return Double.parseDouble(size);
        }
    }

    /**
     * The whole book.
     *
     * @param symbol the symbol
     * @param eventNanos as of when, or {@link #NONE}
     * @param lastId the last change that is in it, or {@link #NONE}
     * @param bids the side of the buyers
     * @param asks the side of the sellers
     * @param checksum of it, or {@link #NONE}
     */
    record BookSnapshot(String symbol, long eventNanos, long lastId, List<Level> bids, List<Level> asks, long checksum)
            implements VenueMessage {}

    /**
     * A change of the book.
     *
     * @param symbol the symbol
     * @param eventNanos when, or {@link #NONE}
     * @param firstId its first change, or {@link #NONE}
     * @param lastId its last change, or {@link #NONE}
     * @param previousId the last change of the message before it, or {@link #NONE}
     * @param bids what changed on the side of the buyers
     * @param asks what changed on the side of the sellers
     * @param checksum of the book after it, or {@link #NONE}
     */
    record BookDelta(
            String symbol,
            long eventNanos,
            long firstId,
            long lastId,
            long previousId,
            List<Level> bids,
            List<Level> asks,
            long checksum)
            implements VenueMessage {}

    /**
     * A sign of life of one symbol.
     *
     * @param symbol the symbol
     * @param lastTradeId the id of its last trade
     */
    record Beat(String symbol, long lastTradeId) implements VenueMessage {}

    /** A subscription holds. */
    record Subscribed() implements VenueMessage {}

    /** The exchange asks its clients to connect anew. */
    record Reconnect(String reason) implements VenueMessage {}

    /** The exchange refused what it was asked for. */
    record Rejected(String reason) implements VenueMessage {}
}
