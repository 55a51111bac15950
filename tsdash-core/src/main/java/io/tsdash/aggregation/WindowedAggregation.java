package io.tsdash.aggregation;

import io.tsdash.model.Trade;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The windows of all symbols, by partition. Single-threaded. */
@SuppressWarnings("EnumOrdinal") // an index into counts, within one process only
final class WindowedAggregation<P extends PartialAggregate<P>> {
    private final WindowSpec spec;
    private final long paneNanos;
    private final String settings;
    private final Supplier<P> newSummary;
    private final WindowListener<P> listener;
    private final SetAsideListener setAside;
    private final List<PartitionWindows<P>> partitions = new ArrayList<>();
    private final long[] counts = new long[Outcome.values().length];

    WindowedAggregation(
            WindowSpec spec, Supplier<P> newSummary, WindowListener<P> listener, SetAsideListener setAside) {
        this.spec = spec;
        this.paneNanos = spec.paneNanos();
        this.settings = spec.stateSettings();
        this.newSummary = newSummary;
        this.listener = listener;
        this.setAside = setAside;
    }

    Outcome add(int partition, Trade trade) {
        Outcome outcome = trade.eventTimeNanos() - trade.receiveTimeNanos() > spec.aheadMaxNanos()
                ? Outcome.TOO_FAR_AHEAD
                : partition(partition).add(trade);
        counts[outcome.ordinal()]++;
        if (outcome.isSetAside()) {
            setAside.onSetAside(trade, outcome);
        }
        return outcome;
    }

    PartitionWindows<P> partition(int partition) {
        while (partitions.size() <= partition) {
            partitions.add(new PartitionWindows<>(spec, this::newSymbol));
        }
        return partitions.get(partition);
    }

    void advanceIdle(long monotonicNanos) {
        partitions.forEach(partition -> partition.advanceIdle(monotonicNanos));
    }

    void flush() {
        partitions.forEach(PartitionWindows::flush);
    }

    void closeAll() {
        partitions.forEach(PartitionWindows::closeAll);
    }

    void save(int partition, StatePieces pieces) {
        partition(partition).save(settings, pieces);
    }

    void load(int partition, StatePieces pieces) {
        partition(partition).load(settings, pieces);
    }

    long count(Outcome outcome) {
        return counts[outcome.ordinal()];
    }

    private SymbolWindows<P> newSymbol(String symbol) {
        return new SymbolWindows<>(symbol, spec, paneNanos, newSummary, listener);
    }
}
