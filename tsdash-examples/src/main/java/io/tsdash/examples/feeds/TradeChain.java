package io.tsdash.examples.feeds;

import io.tsdash.examples.feeds.Exchange.TradeIds;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Knows which trades of one symbol have come: each is delivered once, in whatever order and however often it comes.
 *
 * <p>Where ids are consecutive, it knows which are missing. Single-threaded.
 */
final class TradeChain {
    /** What a trade is to the chain. */
    enum Link {
        /** It is new. */
        NEW,
        /** It is new, and others before it are missing. */
        AFTER_GAP,
        /** It was missing. */
        FILLS,
        /** It has come before. */
        KNOWN
    }

    /**
     * Missing ids.
     *
     * @param first the first
     * @param last the last
     */
    record Range(long first, long last) {}

    // Some seconds of the busiest symbol: what is sent again reaches no further back.
    private static final int RECENT_MAX = 16_384;
    // Beyond that the oldest are given up: the exchange leaves out numbers for good.
    private static final int RANGES_MAX = 1_000;

    private final TradeIds ids;
    private final TreeMap<Long, Long> missing = new TreeMap<>(); // first to last of each range
    private final Set<Long> recent = new LinkedHashSet<>();
    private long last = VenueMessage.NONE;

    TradeChain(TradeIds ids) {
        this.ids = ids;
    }

    /** Returns the highest id so far; {@link VenueMessage#NONE} before the first. */
    long last() {
        return last;
    }

    boolean empty() {
        return last == VenueMessage.NONE;
    }

    /** Takes an id as come, so that all before it is of no interest. */
    void beginAfter(long id) {
        last = id;
        if (ids == TradeIds.UNIQUE) {
            recent.add(id);
        }
    }

    Link add(long id) {
        return ids == TradeIds.UNIQUE ? addUnique(id) : addConsecutive(id);
    }

    /** Takes note that trades up to this id exist; returns those that are newly missing. */
    Optional<Range> expect(long id) {
        if (ids == TradeIds.UNIQUE || empty() || id <= last) {
            return Optional.empty();
        }
        Range range = new Range(last + 1, id);
        lacks(range);
        last = id;
        return Optional.of(range);
    }

    /** Returns the first missing ids from here on. */
    Optional<Range> firstMissing(long from, long to) {
        Map.Entry<Long, Long> covering = missing.floorEntry(from);
        Map.Entry<Long, Long> found =
                covering != null && covering.getValue() >= from ? covering : missing.ceilingEntry(from);
        if (found == null || found.getKey() > to) {
            return Optional.empty();
        }
        return Optional.of(new Range(Math.max(from, found.getKey()), Math.min(to, found.getValue())));
    }

    private Link addUnique(long id) {
        if (!recent.add(id)) {
            return Link.KNOWN;
        }
        if (recent.size() > RECENT_MAX) {
            recent.remove(recent.iterator().next());
        }
        last = Math.max(last, id);
        return Link.NEW;
    }

    private Link addConsecutive(long id) {
        if (empty() || id == last + 1) {
            last = id;
            return Link.NEW;
        }
        if (id > last) {
            lacks(new Range(last + 1, id - 1));
            last = id;
            return Link.AFTER_GAP;
        }
        Map.Entry<Long, Long> range = missing.floorEntry(id);
        if (range == null || range.getValue() < id) {
            return Link.KNOWN;
        }
        missing.remove(range.getKey());
        if (range.getKey() < id) {
            missing.put(range.getKey(), id - 1);
        }
        if (id < range.getValue()) {
            missing.put(id + 1, range.getValue());
        }
        return Link.FILLS;
    }

    private void lacks(Range range) {
        missing.put(range.first(), range.last());
        if (missing.size() > RANGES_MAX) {
            missing.pollFirstEntry();
        }
    }
}
