package io.tsdash.examples.recipes;

import io.tsdash.duckdb.DuckDbMarketStore;
import io.tsdash.duckdb.DuckDbOptions;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import io.tsdash.store.AppendResult;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import io.tsdash.store.TradeRange;
import java.nio.file.Path;
import java.util.List;

/** Keeps trades in an embedded, durable store, and asks it for trades and for bars of an interval nobody prepared. */
public final class StoreAndQuery {
    private static final long HALF_PAST_TWO = 1_723_127_400_000_000_000L; // 2024-08-08T14:30Z
    private static final long SECOND = 1_000_000_000L;
    private static final long HOUR = 3_600 * SECOND;

    private StoreAndQuery() {}

    /** Writes to the file that the only argument names, twice the same, and prints what is in it. */
    public static void main(String[] args) {
        List<Trade> trades = List.of(
                Trade.of("AAPL", HALF_PAST_TWO, 1, 150.25, 100),
                Trade.of("AAPL", HALF_PAST_TWO + 40 * SECOND, 2, 150.75, 20),
                Trade.of("AAPL", HALF_PAST_TWO + 100 * SECOND, 3, 150.5, 30));

        try (MarketStore store = DuckDbMarketStore.open(DuckDbOptions.at(Path.of(args[0])))) {
            AppendResult first = store.appendTrades(trades);
            AppendResult again = store.appendTrades(trades); // a retry changes nothing
            System.out.println("first: " + first);
            System.out.println("again: " + again);

            long until = HALF_PAST_TWO + HOUR;
            store.trades(TradeRange.of("AAPL", HALF_PAST_TWO, until, 1_000), System.out::println);
            store.barsOnDemand(BarRange.of("AAPL", Interval.parse("90s"), HALF_PAST_TWO, until, 100))
                    .forEach(System.out::println);
        }
    }
}
