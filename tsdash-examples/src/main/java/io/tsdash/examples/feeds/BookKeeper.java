package io.tsdash.examples.feeds;

import io.tsdash.examples.feeds.Exchange.BookRule;
import io.tsdash.examples.feeds.VenueMessage.BookDelta;
import io.tsdash.examples.feeds.VenueMessage.BookSnapshot;
import io.tsdash.examples.feeds.VenueMessage.Level;
import io.tsdash.examples.feeds.VenueMessage.Quoted;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the book of one symbol right: a book that may have missed a change gives no quotes until it has begun anew.
 *
 * <p>Where the snapshot comes by another way than the changes, those that came before it are kept until then. Single-threaded.
 */
final class BookKeeper {
    /** What a message did to the book. */
    enum Outcome {
        /** It is in the book. */
        APPLIED,
        /** It is kept until there is a snapshot, or was in it already. */
        WAITS,
        /** The snapshot is older than the changes that are there: it takes another. */
        TOO_OLD,
        /** A change was missed before it. */
        BROKEN
    }

    // Some minutes of a busy symbol; beyond that the oldest go, and a snapshot that needs them is too old.
    private static final int WAITING_MAX = 4_096;

    private final String symbol;
    private final BookRule rule;
    private final OrderBook book;
    private final Deque<BookDelta> waiting = new ArrayDeque<>();
    private boolean valid;
    private boolean chained; // whether a change was applied since the snapshot
    private long lastId;
    private long eventNanos;
    private String problem = "";
    private @Nullable Quoted newest;

    BookKeeper(String symbol, BookRule rule, int depth) {
        this.symbol = symbol;
        this.rule = rule;
        this.book = new OrderBook(depth);
    }

    /** Forgets the book. */
    void reset() {
        valid = false;
        waiting.clear();
        newest = null;
    }

    boolean valid() {
        return valid;
    }

    /** Returns the last change that is in the book. */
    long lastId() {
        return lastId;
    }

    /** Returns why the last message broke the book. */
    String problem() {
        return problem;
    }

    Outcome snapshot(BookSnapshot snapshot) {
        if (hasChain() && !waiting.isEmpty() && !reachesBackTo(snapshot.lastId(), waiting.element())) {
            return Outcome.TOO_OLD;
        }
        book.clear();
        book.apply(snapshot.bids(), snapshot.asks());
        valid = true;
        chained = false;
        lastId = snapshot.lastId();
        eventNanos = snapshot.eventNanos();
        if (!checksumHolds(snapshot.checksum())) {
            return Outcome.BROKEN;
        }
        Outcome outcome = Outcome.APPLIED;
        while (outcome != Outcome.BROKEN && !waiting.isEmpty()) {
            outcome = apply(waiting.remove());
        }
        return outcome == Outcome.BROKEN ? outcome : Outcome.APPLIED;
    }

    Outcome delta(BookDelta delta) {
        if (!valid) {
            if (hasChain()) {
                waiting.add(delta);
                if (waiting.size() > WAITING_MAX) {
                    waiting.remove();
                }
            }
            return Outcome.WAITS;
        }
        return apply(delta);
    }

    /** Returns the best bid and ask, if they have changed since this was asked. */
    Optional<Quoted> changedQuote() {
        if (!valid) {
            return Optional.empty();
        }
        Optional<Level> bid = book.bestBid();
        Optional<Level> ask = book.bestAsk();
        if (bid.isEmpty() && ask.isEmpty()) {
            return Optional.empty();
        }
        Quoted quote = new Quoted(
                symbol,
                eventNanos,
                lastId,
                bid.map(Level::priceValue).orElse(Double.NaN),
                ask.map(Level::priceValue).orElse(Double.NaN),
                bid.map(Level::sizeValue).orElse(Double.NaN),
                ask.map(Level::sizeValue).orElse(Double.NaN));
        Quoted before = newest;
        newest = quote;
        return before != null && sameValues(before, quote) ? Optional.empty() : Optional.of(quote);
    }

    private Outcome apply(BookDelta delta) {
        if (hasChain()) {
            if (delta.lastId() <= lastId && !chained) {
                return Outcome.WAITS; // the snapshot has it already
            }
            if (!(chained ? follows(delta) : reachesBackTo(lastId, delta))) {
                problem = "changes of the book are missing";
                valid = false;
                waiting.clear();
                waiting.add(delta);
                return Outcome.BROKEN;
            }
            chained = true;
            lastId = delta.lastId();
        }
        book.apply(delta.bids(), delta.asks());
        eventNanos = delta.eventNanos();
        return checksumHolds(delta.checksum()) ? Outcome.APPLIED : Outcome.BROKEN;
    }

    private boolean follows(BookDelta delta) {
        return rule == BookRule.NAMES_PREVIOUS ? delta.previousId() == lastId : delta.firstId() == lastId + 1;
    }

    /** Returns whether nothing lies between a snapshot and the first change that is applied to it. */
    private boolean reachesBackTo(long snapshotId, BookDelta delta) {
        return rule == BookRule.NAMES_PREVIOUS ? delta.previousId() <= snapshotId : delta.firstId() <= snapshotId + 1;
    }

    private boolean checksumHolds(long expected) {
        if (rule != BookRule.CHECKSUM || expected == VenueMessage.NONE) {
            return true;
        }
        long actual = book.checksum();
        if (actual == expected) {
            return true;
        }
        problem = "the book's checksum is " + actual + " but the exchange's is " + expected;
        valid = false;
        return false;
    }

    private boolean hasChain() {
        return rule == BookRule.NEXT_FOLLOWS || rule == BookRule.NAMES_PREVIOUS;
    }

    private static boolean sameValues(Quoted one, Quoted other) {
        return Double.compare(one.bid(), other.bid()) == 0
                && Double.compare(one.ask(), other.ask()) == 0
                && Double.compare(one.bidSize(), other.bidSize()) == 0
                && Double.compare(one.askSize(), other.askSize()) == 0;
    }
}
