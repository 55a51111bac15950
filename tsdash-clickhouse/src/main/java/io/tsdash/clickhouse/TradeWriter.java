package io.tsdash.clickhouse;

import io.tsdash.model.Trade;
import io.tsdash.store.AppendResult;
import io.tsdash.store.DistinctTrades;
import io.tsdash.store.HighestTrades;
import io.tsdash.store.HighestTrades.Place;
import io.tsdash.store.SymbolLocks;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Appends trades so that each identity counts once, in the trades and in the pre-computed bars, with its highest version.
 *
 * <p>What is above all that is known of its symbol is new, and costs no query; the rest is looked up. One insert writes all
 * of a batch; the views feed the bars within it. Bars of trades that replace others are rebuilt afterwards, and so are those
 * of a write of which it is not known how it ended, as soon as their symbols are written again. Thread-safe.
 */
final class TradeWriter {
    private static final int LOOKED_UP_PER_QUERY = 5_000;
    private static final int SYMBOLS_PER_QUERY = 50;
    /** From here on nothing is written before the bars of writes that failed are right. */
    private static final int UNSETTLED_MAX = 100_000;

    private final Connection server;
    private final ClickHouseOptions options;
    private final Generations generations;
    private final Retention retention;
    private final WriterMarks marks;
    private final BarRebuilder rebuilder;
    private final SymbolLocks locks;
    private final HighestTrades highest = new HighestTrades(this::loadHighest);
    /** Bars that may be wrong; guarded by itself. */
    private final Windows unsettled = new Windows();

    TradeWriter(
            Connection server,
            ClickHouseOptions options,
            Generations generations,
            Retention retention,
            WriterMarks marks) {
        this.server = server;
        this.options = options;
        this.generations = generations;
        this.retention = retention;
        this.marks = marks;
        this.rebuilder = new BarRebuilder(server, generations, retention);
        this.locks = new SymbolLocks(options.requestTimeout());
    }

    /** Puts right what this writer left half done when it was killed. */
    void recover() {
        Windows unfinished = marks.unfinished();
        if (unfinished.isEmpty()) {
            return;
        }
        synchronized (unsettled) {
            unsettled.addAll(unfinished);
        }
        settle();
    }

    AppendResult append(List<Trade> batch) {
        if (unsettledCount() > UNSETTLED_MAX) {
            settle();
        }
        List<Trade> distinct = DistinctTrades.of(batch);
        Set<String> symbols = distinct.stream().map(Trade::symbol).collect(Collectors.toSet());
        symbols.forEach(RowBinary::utf8); // refused before they are asked for
        AppendResult result = locks.with(symbols, () -> {
            long write = marks.begin();
            try {
                return append(batch.size(), distinct, symbols);
            } finally {
                marks.end(write);
            }
        });
        mark();
        return result;
    }

    /** Rebuilds the bars of writes of which it is not known how they ended. */
    void settle() {
        locks.withAll(() -> {
            Windows all = new Windows();
            synchronized (unsettled) {
                all.addAll(unsettled);
            }
            rebuild(all);
            return all;
        });
    }

    /** Says at the end that all is whole. */
    void close() {
        if (marks.hasWritten()) {
            settle();
            marks.mark();
        }
    }

    /** Keeps all writers out while something runs, such as a removal. */
    <T> T alone(Supplier<T> task) {
        return locks.withAll(task);
    }

    private AppendResult append(int size, List<Trade> distinct, Set<String> symbols) {
        HighestTrades.Split split = highest.split(distinct);
        Map<Identity, Integer> known = versions(split.doubtful());
        Windows changed = new Windows();
        synchronized (unsettled) {
            changed.addAll(unsettled.of(symbols));
        }
        long keptSinceNanos = retention.ofTrades().sinceNanos();
        List<Trade> counted = new ArrayList<>(split.fresh().size());
        List<Trade> uncounted = new ArrayList<>();
        int replaced = 0;
        for (Trade trade : split.fresh()) {
            (trade.eventTimeNanos() < keptSinceNanos ? uncounted : counted).add(trade);
        }
        for (Trade trade : split.doubtful()) {
            Integer version = known.get(Identity.of(trade));
            if (version == null) {
                (trade.eventTimeNanos() < keptSinceNanos ? uncounted : counted).add(trade);
            } else if (version < trade.version()) {
                uncounted.add(trade);
                replaced++;
            }
        }
        changed.addAll(Windows.of(uncounted));
        int written = counted.size() + uncounted.size();
        if (written > 0) {
            insert(distinct, counted, uncounted, changed);
        }
        rebuild(changed);
        return new AppendResult(written - replaced, replaced, size - written);
    }

    private void insert(List<Trade> distinct, List<Trade> counted, List<Trade> uncounted, Windows changed) {
        long generation = generations.current();
        try {
            server.insert(Tables.TRADES, Tables.TRADE_COLUMNS, rows -> {
                for (Trade trade : counted) {
                    write(rows, trade, generation);
                }
                for (Trade trade : uncounted) {
                    write(rows, trade, -generation);
                }
            });
        } catch (RuntimeException e) {
            highest.forget(distinct);
            synchronized (unsettled) {
                unsettled.addAll(changed);
                unsettled.addAll(Windows.of(counted));
            }
            throw e;
        }
        highest.written(counted);
        highest.written(uncounted);
    }

    private static void write(RowBinary rows, Trade trade, long generation) throws IOException {
        rows.string(trade.symbol())
                .int64(trade.eventTimeNanos())
                .int64(trade.sequence())
                .int64(trade.receiveTimeNanos())
                .float64(trade.price())
                .float64(trade.volume())
                .uint8(trade.side().code())
                .bool(trade.setsPrice())
                .bool(trade.countsVolume())
                .int32(trade.version())
                .int64(generation);
    }

    private void rebuild(Windows windows) {
        if (windows.isEmpty()) {
            return;
        }
        synchronized (unsettled) {
            unsettled.addAll(windows);
        }
        arrive();
        rebuilder.rebuild(windows);
        synchronized (unsettled) {
            unsettled.removeAll(windows);
        }
    }

    private int unsettledCount() {
        synchronized (unsettled) {
            return unsettled.size();
        }
    }

    private void mark() {
        if (unsettledCount() == 0) {
            marks.markIfDue();
        }
    }

    /** Waits until queued trades are where they can be looked up. */
    private void arrive() {
        if (options.queuedInserts()) {
            server.execute("SYSTEM FLUSH DISTRIBUTED " + Tables.TRADES);
        }
    }

    private record Identity(String symbol, long eventTimeNanos, long sequence) {
        static Identity of(Trade trade) {
            return new Identity(trade.symbol(), trade.eventTimeNanos(), trade.sequence());
        }
    }

    /** Returns the highest version of each of these identities that the store holds. */
    private Map<Identity, Integer> versions(List<Trade> doubtful) {
        Map<Identity, Integer> versions = new HashMap<>();
        if (!doubtful.isEmpty()) {
            arrive();
        }
        for (int from = 0; from < doubtful.size(); from += LOOKED_UP_PER_QUERY) {
            List<Trade> part = doubtful.subList(from, Math.min(doubtful.size(), from + LOOKED_UP_PER_QUERY));
            String identities = part.stream()
                    .map(trade -> "(" + Sql.text(trade.symbol()) + ", " + trade.eventTimeNanos() + ", "
                            + trade.sequence() + ")")
                    .collect(Collectors.joining(", "));
            server.query(
                    "SELECT toString(symbol) AS name, ts, seq, max(version) FROM " + Tables.TRADES
                            + " WHERE (symbol, ts, seq) IN (SELECT i.1, fromUnixTimestamp64Nano(toInt64(i.2), 'UTC'), toInt64(i.3)"
                            + " FROM (SELECT arrayJoin([" + identities + "]) AS i)) GROUP BY name, ts, seq",
                    Map.of(),
                    rows -> {
                        while (rows.next()) {
                            versions.put(new Identity(rows.string(), rows.int64(), rows.int64()), rows.int32());
                        }
                        return versions;
                    });
        }
        return versions;
    }

    /** Also sees to it that new trades are of no older generation than the bars of their symbols. */
    private Map<String, Place> loadHighest(Set<String> symbols) {
        arrive();
        Map<String, Place> places = new HashMap<>();
        List<String> all = List.copyOf(symbols);
        for (int from = 0; from < all.size(); from += SYMBOLS_PER_QUERY) {
            List<String> part = all.subList(from, Math.min(all.size(), from + SYMBOLS_PER_QUERY));
            String last = part.stream()
                    .map(symbol -> "(SELECT toString(symbol) AS name, ts, seq FROM " + Tables.TRADES
                            + " WHERE symbol = " + Sql.text(symbol) + " ORDER BY ts DESC, seq DESC LIMIT 1)")
                    .collect(Collectors.joining(" UNION ALL "));
            server.query(last, Map.of(), rows -> {
                while (rows.next()) {
                    places.put(rows.string(), new Place(rows.int64(), rows.int64()));
                }
                return places;
            });
            Level coarsest = Level.CHAIN.get(Level.CHAIN.size() - 1);
            generations.atLeast(server.query(
                    "SELECT max(generation) FROM " + coarsest.table() + " WHERE symbol IN ("
                            + new HashSet<>(part).stream().map(Sql::text).collect(Collectors.joining(", ")) + ")",
                    Map.of(),
                    rows -> rows.next() ? rows.int64() : 0));
        }
        return places;
    }
}
