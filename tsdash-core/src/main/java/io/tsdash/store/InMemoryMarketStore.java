package io.tsdash.store;

import io.tsdash.error.PermanentException;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Trades and bars in sorted maps: the reference that other stores are held against, and enough for tests and demos.
 *
 * <p>Grows with what is written; who keeps it running long uses retention. One writer at a time; readers take no lock
 * and see each trade and bar whole.
 */
final class InMemoryMarketStore implements MarketStore {
    private final Map<String, NavigableMap<TradeKey, Trade>> trades = new ConcurrentHashMap<>();
    private final Map<BarSeries, NavigableMap<Long, Bar>> bars = new ConcurrentHashMap<>();
    private final ReentrantLock writing = new ReentrantLock();
    private volatile boolean closed;

    @Override
    public StoreCapabilities capabilities() {
        return StoreCapabilities.embedded("memory", false);
    }

    @Override
    public AppendResult appendTrades(List<Trade> batch) {
        checkOpen();
        int inserted = 0;
        int replaced = 0;
        writing.lock();
        try {
            for (Trade trade : DistinctTrades.of(batch)) {
                NavigableMap<TradeKey, Trade> ofSymbol =
                        trades.computeIfAbsent(trade.symbol(), symbol -> new ConcurrentSkipListMap<>());
                TradeKey key = TradeKey.of(trade);
                Trade known = ofSymbol.get(key);
                if (known != null && known.version() >= trade.version()) {
                    continue;
                }
                // A cancel stays as what it is, so that the trade it takes back may also come after it.
                ofSymbol.put(key, trade);
                if (known == null) {
                    inserted++;
                } else {
                    replaced++;
                }
            }
        } finally {
            writing.unlock();
        }
        return new AppendResult(inserted, replaced, batch.size() - inserted - replaced);
    }

    @Override
    public void upsertBars(List<Bar> batch) {
        checkOpen();
        for (Bar bar : batch) {
            bars.computeIfAbsent(
                            new BarSeries(bar.symbol(), bar.interval().text()), series -> new ConcurrentSkipListMap<>())
                    .merge(bar.openTimeNanos(), bar, (old, young) -> young.revision() >= old.revision() ? young : old);
        }
    }

    @Override
    public long trades(TradeRange range, Consumer<? super Trade> consumer) {
        checkOpen();
        long count = 0;
        for (Trade trade : between(range.symbol(), range.fromNanos(), range.afterSequence(), range.toNanos())) {
            if (count == range.limit()) {
                break;
            }
            if (range.withCancels() || !trade.cancelled()) {
                consumer.accept(trade);
                count++;
            }
        }
        return count;
    }

    @Override
    public List<Bar> bars(BarRange range) {
        checkOpen();
        NavigableMap<Long, Bar> series =
                bars.get(new BarSeries(range.symbol(), range.interval().text()));
        if (series == null) {
            return List.of();
        }
        List<Bar> found = new ArrayList<>();
        for (Bar bar :
                series.subMap(range.fromNanos(), true, range.toNanos(), false).values()) {
            if (!bar.isRetracted()) {
                found.add(bar);
            }
        }
        return limited(found, range);
    }

    @Override
    public List<Bar> barsOnDemand(BarRange range) {
        checkOpen();
        ExactBars exact = new ExactBars(range);
        long endNanos = exact.tradesEndNanos();
        for (Trade trade : between(range.symbol(), range.fromNanos(), Long.MIN_VALUE, endNanos)) {
            if (!trade.cancelled()) {
                exact.add(trade);
            }
        }
        return limited(exact.bars(), range);
    }

    @Override
    public List<Bar> precomputedBars(BarRange range) {
        capabilities().checkPrecomputed(range.interval());
        return List.of();
    }

    @Override
    public void refreshBars() {
        checkOpen();
    }

    @Override
    public Optional<Trade> lastTrade(String symbol) {
        checkOpen();
        NavigableMap<TradeKey, Trade> ofSymbol = trades.get(symbol);
        if (ofSymbol == null) {
            return Optional.empty();
        }
        return ofSymbol.descendingMap().values().stream()
                .filter(trade -> trade.setsPrice() && !trade.cancelled())
                .findFirst();
    }

    @Override
    public List<String> symbols() {
        checkOpen();
        return trades.entrySet().stream()
                .filter(entry -> entry.getValue().values().stream().anyMatch(trade -> !trade.cancelled()))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    @Override
    public long tradeCount() {
        checkOpen();
        return trades.values().stream()
                .flatMap(ofSymbol -> ofSymbol.values().stream())
                .filter(trade -> !trade.cancelled())
                .count();
    }

    @Override
    public long deleteTradesBefore(long eventTimeNanos) {
        checkOpen();
        writing.lock();
        try {
            long removed = 0;
            for (NavigableMap<TradeKey, Trade> ofSymbol : trades.values()) {
                NavigableMap<TradeKey, Trade> old =
                        ofSymbol.headMap(new TradeKey(eventTimeNanos, Long.MIN_VALUE), false);
                removed += old.values().stream()
                        .filter(trade -> !trade.cancelled())
                        .count();
                old.clear();
            }
            return removed;
        } finally {
            writing.unlock();
        }
    }

    @Override
    public long deleteBarsBefore(Interval interval, long closeTimeNanos) {
        checkOpen();
        long removed = 0;
        for (Map.Entry<BarSeries, NavigableMap<Long, Bar>> entry : bars.entrySet()) {
            if (entry.getKey().interval().equals(interval.text())) {
                for (Bar bar : entry.getValue().values()) {
                    boolean old = bar.closeTimeNanos() <= closeTimeNanos
                            && entry.getValue().remove(bar.openTimeNanos(), bar);
                    removed += old && !bar.isRetracted() ? 1 : 0;
                }
            }
        }
        return removed;
    }

    @Override
    public void close() {
        closed = true;
    }

    private Iterable<Trade> between(String symbol, long fromNanos, long afterSequence, long toNanos) {
        NavigableMap<TradeKey, Trade> ofSymbol = trades.get(symbol);
        if (ofSymbol == null || toNanos <= fromNanos) {
            return List.of();
        }
        boolean all = afterSequence == Long.MIN_VALUE;
        return ofSymbol.subMap(
                        new TradeKey(fromNanos, afterSequence), all, new TradeKey(toNanos, Long.MIN_VALUE), false)
                .values();
    }

    private static List<Bar> limited(List<Bar> found, BarRange range) {
        int size = found.size();
        if (size <= range.limit()) {
            return List.copyOf(found);
        }
        return List.copyOf(
                range.newestFirst() ? found.subList(size - range.limit(), size) : found.subList(0, range.limit()));
    }

    private void checkOpen() {
        if (closed) {
            throw new PermanentException("store 'memory' is closed");
        }
    }

    private record TradeKey(long eventTimeNanos, long sequence) implements Comparable<TradeKey> {
        static TradeKey of(Trade trade) {
            return new TradeKey(trade.eventTimeNanos(), trade.sequence());
        }

        @Override
        public int compareTo(TradeKey other) {
            int byTime = Long.compare(eventTimeNanos, other.eventTimeNanos);
            return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
        }
    }

    private record BarSeries(String symbol, String interval) {}
}
