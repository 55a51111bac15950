package io.tsdash.store;

import io.tsdash.model.Trade;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The highest (event time, sequence) of each symbol that a store holds: what lies above is new without a look.
 *
 * <p>For engines without unique keys. Trades mostly come in order, so nearly all of a batch is told to be new at the cost
 * of a comparison, and only the rest has to be looked up. Holds as long as nobody else writes trades of the same symbols.
 *
 * <p>Thread-safe; the caller sees to it that a symbol is split and written by one thread at a time.
 */
public final class HighestTrades {
    /** A place in the order of one symbol's trades. */
    public record Place(long eventTimeNanos, long sequence) implements Comparable<Place> {
        /** Below every trade: for a symbol that has none. */
        public static final Place NONE = new Place(-1, Long.MIN_VALUE);

        @Override
        public int compareTo(Place other) {
            int byTime = Long.compare(eventTimeNanos, other.eventTimeNanos);
            return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
        }

        boolean isBelow(Trade trade) {
            return eventTimeNanos < trade.eventTimeNanos()
                    || (eventTimeNanos == trade.eventTimeNanos() && sequence < trade.sequence());
        }
    }

    /** Asks the engine for the highest place of symbols; those that have no trade may be left out. */
    @FunctionalInterface
    public interface Loader {
        /** Returns the highest places, cancelled trades counted too. */
        Map<String, Place> highest(Set<String> symbols);
    }

    /**
     * A batch in two.
     *
     * @param fresh identities that are not in the store, in their order
     * @param doubtful those that may be there, in their order
     */
    public record Split(List<Trade> fresh, List<Trade> doubtful) {}

    private final Map<String, Place> highest = new ConcurrentHashMap<>();
    private final Loader loader;

    /** @param loader asked once for each symbol, and again after {@link #forget} */
    public HighestTrades(Loader loader) {
        this.loader = loader;
    }

    /**
     * Tells the new trades of a batch from those that may be known.
     *
     * @param distinct what {@link DistinctTrades} returned
     */
    public Split split(List<Trade> distinct) {
        load(distinct);
        List<Trade> fresh = new ArrayList<>(distinct.size());
        List<Trade> doubtful = new ArrayList<>();
        for (Trade trade : distinct) {
            (highest.getOrDefault(trade.symbol(), Place.NONE).isBelow(trade) ? fresh : doubtful).add(trade);
        }
        return new Split(fresh, doubtful);
    }

    /** Takes note of trades that the engine has acknowledged. */
    public void written(Collection<Trade> trades) {
        for (Trade trade : trades) {
            if (highest.getOrDefault(trade.symbol(), Place.NONE).isBelow(trade)) {
                highest.put(trade.symbol(), new Place(trade.eventTimeNanos(), trade.sequence()));
            }
        }
    }

    /** Asks the engine again before the next write of these symbols: after a write of which it is not known how it ended. */
    public void forget(Collection<Trade> trades) {
        trades.forEach(trade -> highest.remove(trade.symbol()));
    }

    private void load(List<Trade> trades) {
        Set<String> unknown = new TreeSet<>();
        for (Trade trade : trades) {
            if (!highest.containsKey(trade.symbol())) {
                unknown.add(trade.symbol());
            }
        }
        if (!unknown.isEmpty()) {
            Map<String, Place> loaded = loader.highest(unknown);
            unknown.forEach(symbol -> highest.put(symbol, loaded.getOrDefault(symbol, Place.NONE)));
        }
    }
}
