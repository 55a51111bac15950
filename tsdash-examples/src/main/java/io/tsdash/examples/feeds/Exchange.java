package io.tsdash.examples.feeds;

import io.tsdash.error.InvalidInputException;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * What sets one exchange apart from another: its addresses, its words, and what its numbers promise.
 *
 * <p>{@link ExchangeFeed} does all else. Holds no state that changes: every answer follows from the arguments.
 */
abstract class Exchange {

    /** What the trade ids of a symbol promise. */
    enum TradeIds {
        /** Each is one more than the one before: a number that is left out was missed. */
        CONSECUTIVE,
        /** No two trades have the same; numbers in between mean nothing. */
        UNIQUE
    }

    /** How a book proves that no change of it was missed. */
    enum BookRule {
        /** It does not: what can't be read makes the whole book doubtful. */
        NONE,
        /** By a CRC32 over its ten best levels. */
        CHECKSUM,
        /** A change begins one after the end of the one before it. */
        NEXT_FOLLOWS,
        /** A change names the end of the one before it. */
        NAMES_PREVIOUS
    }

    /** Returns the messages that ask for everything of these symbols. */
    abstract List<String> subscribe(List<String> symbols);

    /** Returns the messages that end what there is of this symbol, and ask for it anew. */
    abstract List<String> resubscribe(String symbol);

    /**
     * Returns what a frame says; nothing if it is of no interest.
     *
     * @throws InvalidInputException if it is not as the exchange's documentation says
     */
    abstract List<VenueMessage> parse(String frame);

    abstract TradeIds tradeIds();

    abstract BookRule bookRule();

    /** Returns how many levels a side of the book has; what falls below is not told any more. 0 if all are. */
    int bookDepth() {
        return 0;
    }

    /** Returns whether frames come all the time, so that none for a while means that the connection is dead. */
    abstract boolean beats();

    /** Returns the message that the exchange answers at once; empty to use a WebSocket's ping. */
    Optional<String> ping() {
        return Optional.empty();
    }

    /** Returns where some of these trades can be had; empty if nowhere. */
    abstract Optional<URI> tradesAt(URI rest, Missing missing);

    /**
     * Returns the trades of an answer, in any order.
     *
     * @throws InvalidInputException if it is not as documented
     */
    abstract List<VenueMessage.Traded> parseTrades(String symbol, String body);

    /** Returns how many trades a full page has: after one there may be more. */
    int tradesPage() {
        return 1_000;
    }

    /** Returns why some trades since a time cannot be had at all; empty if all can. */
    String beyondReach(long sinceNanos, long nowNanos) {
        return "";
    }

    /** Returns where the whole book can be had; empty if it comes with the subscription. */
    Optional<URI> bookAt(URI rest, String symbol) {
        return Optional.empty();
    }

    /**
     * Returns the book of an answer.
     *
     * @throws InvalidInputException if it is not as documented
     */
    VenueMessage.BookSnapshot parseBook(String symbol, String body) {
        throw new InvalidInputException("no book of " + symbol + " was asked for");
    }

    /**
     * Trades that are asked for.
     *
     * @param symbol their symbol
     * @param afterId the last that is there; {@link VenueMessage#NONE} if none is
     * @param beforeId the first that is there again; {@link Long#MAX_VALUE} to ask for the newest
     * @param sinceNanos about when the first of them happened
     * @param nowNanos what time it is
     */
    record Missing(String symbol, long afterId, long beforeId, long sinceNanos, long nowNanos) {}
}
