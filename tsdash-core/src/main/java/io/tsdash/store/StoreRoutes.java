package io.tsdash.store;

import io.tsdash.error.ConfigurationException;
import java.util.ArrayList;
import java.util.List;

/**
 * Which store keeps what, where a team runs several: raw trades in one, bars in another, or both in both.
 *
 * @param trades stores that get trades, at least one; the first answers questions about trades
 * @param bars stores that get bars, at least one; the first answers questions about bars that were written
 */
public record StoreRoutes(List<MarketStore> trades, List<MarketStore> bars) {

    /** @throws ConfigurationException with everything that is wrong */
    public StoreRoutes {
        trades = List.copyOf(trades);
        bars = List.copyOf(bars);
        List<String> problems = new ArrayList<>();
        if (trades.isEmpty()) {
            problems.add("no store gets trades but at least one must");
        }
        if (bars.isEmpty()) {
            problems.add("no store gets bars but at least one must");
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    /** Returns the routes of one store that keeps everything. */
    public static StoreRoutes all(MarketStore store) {
        return new StoreRoutes(List.of(store), List.of(store));
    }

    /**
     * Returns all of them as one store: a question goes to the store that keeps the answer, a write to all that are to have
     * it. Closing it closes them.
     */
    public MarketStore asOne() {
        return trades.size() == 1 && bars.equals(trades) ? trades.get(0) : new RoutedMarketStore(this);
    }
}
