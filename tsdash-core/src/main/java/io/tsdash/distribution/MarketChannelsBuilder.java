package io.tsdash.distribution;

import io.tsdash.error.ConfigurationException;
import io.tsdash.model.Interval;
import io.tsdash.trace.TradeTraces;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Sets up {@link MarketChannels}. Single-threaded. */
public final class MarketChannelsBuilder {
    private static final int TRADES_KEPT_MIN = 16;

    private final Hub hub;
    private final Map<String, Interval> intervals = new LinkedHashMap<>();
    private int barsKept = 300;
    private int tradesKept = 1_024;
    private TradeTraces traces = TradeTraces.none();

    MarketChannelsBuilder(Hub hub) {
        this.hub = hub;
    }

    /** Sets the intervals that have bars; 1s, 1m, 5m and 1h by default. */
    public MarketChannelsBuilder intervals(Collection<Interval> values) {
        intervals.clear();
        values.forEach(each -> intervals.put(each.text(), each));
        return this;
    }

    /** Sets how many of the newest bars a channel holds; 300 by default. */
    public MarketChannelsBuilder barsKept(int value) {
        barsKept = value;
        return this;
    }

    /**
     * Sets how many of the newest trades of each symbol are kept: to resume from, and to take late ones, corrections
     * and cancels right. A power of two; 1,024 by default.
     */
    public MarketChannelsBuilder tradesKept(int value) {
        tradesKept = value;
        return this;
    }

    /** Sets what follows some of the trades to the first client's socket; nothing by default. */
    public MarketChannelsBuilder traces(TradeTraces value) {
        traces = value;
        return this;
    }

    /**
     * Makes the channels and becomes the hub's catalog.
     *
     * @throws ConfigurationException naming everything that is wrong
     */
    public MarketChannels build() {
        check();
        return new MarketChannels(hub, intervals, barsKept, tradesKept, traces);
    }

    /** Becomes the catalog of a hub of copies, whose channels are made elsewhere with the same intervals. */
    public void catalogOnly() {
        check();
        hub.catalog(new MarketCatalog(hub, intervals.keySet()));
    }

    private void check() {
        List<String> problems = new ArrayList<>();
        if (barsKept < 1) {
            problems.add("barsKept was '" + barsKept + "' but it must be at least 1");
        }
        if (tradesKept < TRADES_KEPT_MIN || Integer.bitCount(tradesKept) != 1) {
            problems.add(
                    "tradesKept was '" + tradesKept + "' but it must be a power of two of at least " + TRADES_KEPT_MIN);
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        if (intervals.isEmpty()) {
            intervals(List.of(
                    Interval.of(Duration.ofSeconds(1)),
                    Interval.of(Duration.ofMinutes(1)),
                    Interval.of(Duration.ofMinutes(5)),
                    Interval.of(Duration.ofHours(1))));
        }
    }
}
