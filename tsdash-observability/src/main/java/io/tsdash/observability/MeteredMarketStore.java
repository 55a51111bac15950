package io.tsdash.observability;

import io.tsdash.model.Bar;
import io.tsdash.model.Trade;
import io.tsdash.store.AppendResult;
import io.tsdash.store.BarRange;
import io.tsdash.store.ForwardingMarketStore;
import io.tsdash.store.MarketStore;
import io.tsdash.store.TradeRange;
import io.tsdash.time.TimeSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A store whose questions, and writes of trades, are measured: on the thread that asks or writes, so that a histogram may name the
 * trace of its span. Thread-safe as the other is.
 */
public final class MeteredMarketStore extends ForwardingMarketStore {
    private final TimeSource time;
    private final String name;
    private final Family<Meters.Histogram> queries;
    private final Meters.Histogram writes;

    /**
     * @param store gets the calls
     * @param time for durations
     */
    public MeteredMarketStore(MarketStore store, Meters meters, TimeSource time) {
        super(store);
        this.time = time;
        this.name = store.capabilities().name();
        this.queries = Family.histograms(meters, Metric.STORE_QUERY_DURATION);
        this.writes = meters.histogram(Metric.STORE_WRITE_DURATION, name);
        for (String operation : List.of("trades", "bars", "bars_on_demand", "last_price")) {
            queries.get(name, operation, "ok");
        }
    }

    /** Of a write that fails its writer tells. */
    @Override
    public AppendResult appendTrades(List<Trade> batch) {
        long startNanos = time.monotonicNanos();
        AppendResult result = super.appendTrades(batch);
        writes.record(time.monotonicNanos() - startNanos);
        return result;
    }

    @Override
    public long trades(TradeRange range, Consumer<? super Trade> consumer) {
        return measured("trades", () -> super.trades(range, consumer));
    }

    @Override
    public List<Bar> bars(BarRange range) {
        return measured("bars", () -> super.bars(range));
    }

    @Override
    public List<Bar> barsOnDemand(BarRange range) {
        return measured("bars_on_demand", () -> super.barsOnDemand(range));
    }

    @Override
    public List<Bar> precomputedBars(BarRange range) {
        return measured("precomputed_bars", () -> super.precomputedBars(range));
    }

    @Override
    public Optional<Trade> lastTrade(String symbol) {
        return measured("last_price", () -> super.lastTrade(symbol));
    }

    @Override
    public List<String> symbols() {
        return measured("symbols", super::symbols);
    }

    private <T> T measured(String operation, Supplier<T> question) {
        long startNanos = time.monotonicNanos();
        boolean ok = false;
        try {
            T answer = question.get();
            ok = true;
            return answer;
        } finally {
            queries.get(name, operation, ok ? "ok" : "error").record(time.monotonicNanos() - startNanos);
        }
    }
}
