package io.tsdash.examples.feeds;

import io.tsdash.examples.feeds.VenueMessage.Level;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32;

/** The book of one symbol: how much there is at each price, as written. Single-threaded. */
final class OrderBook {
    private static final int CHECKSUM_LEVELS = 10;

    private final int depth;
    private final TreeMap<Double, Level> bids = new TreeMap<>(Comparator.reverseOrder());
    private final TreeMap<Double, Level> asks = new TreeMap<>();

    /** @param depth levels of a side that are kept; 0 for all */
    OrderBook(int depth) {
        this.depth = depth;
    }

    void clear() {
        bids.clear();
        asks.clear();
    }

    /** Takes changes, in order. */
    void apply(List<Level> newBids, List<Level> newAsks) {
        apply(bids, newBids);
        apply(asks, newAsks);
    }

    Optional<Level> bestBid() {
        return bids.values().stream().findFirst();
    }

    Optional<Level> bestAsk() {
        return asks.values().stream().findFirst();
    }

    /**
     * Returns Kraken's checksum: the CRC32 of the ten best asks, then bids, each price and size without point and leading
     * zeros.
     */
    long checksum() {
        StringBuilder text = new StringBuilder();
        append(text, asks.values());
        append(text, bids.values());
        CRC32 crc = new CRC32();
        crc.update(text.toString().getBytes(StandardCharsets.US_ASCII));
        return crc.getValue();
    }

    private void apply(NavigableMap<Double, Level> side, List<Level> changes) {
        for (Level level : changes) {
            if (level.sizeValue() == 0) {
                side.remove(level.priceValue());
            } else {
                side.put(level.priceValue(), level);
            }
        }
        while (depth > 0 && side.size() > depth) {
            side.pollLastEntry();
        }
    }

    private static void append(StringBuilder text, Collection<Level> levels) {
        Iterator<Level> best = levels.iterator();
        for (int i = 0; i < CHECKSUM_LEVELS && best.hasNext(); i++) {
            Level level = best.next();
            append(text, level.price());
            append(text, level.size());
        }
    }

    private static void append(StringBuilder text, String decimal) {
        boolean leading = true;
        for (int i = 0; i < decimal.length(); i++) {
            char c = decimal.charAt(i);
            leading &= c == '0' || c == '.';
            if (!leading && c != '.') {
                text.append(c);
            }
        }
    }
}
