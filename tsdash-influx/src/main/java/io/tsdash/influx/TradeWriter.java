package io.tsdash.influx;

import io.tsdash.error.InvalidInputException;
import io.tsdash.error.PermanentException;
import io.tsdash.influx.DirtyBuckets.Bucket;
import io.tsdash.influx.InfluxConnection.RefusedLinesException;
import io.tsdash.influx.InfluxConnection.TagCondition;
import io.tsdash.influx.InfluxDialect.Policy;
import io.tsdash.influx.TradeReader.Found;
import io.tsdash.influx.TradeReader.Wanted;
import io.tsdash.model.Trade;
import io.tsdash.store.AppendResult;
import io.tsdash.store.DistinctTrades;
import io.tsdash.store.HighestTrades;
import io.tsdash.store.HighestTrades.Place;
import io.tsdash.store.SymbolLocks;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Appends trades so that each identity is there once, with its highest version.
 *
 * <p>What lies above all that a symbol has is new without a look, and takes the next slot of its microsecond. The rest is
 * looked up by microsecond and merged. After a write of unknown outcome nothing is taken for known: points are told by
 * their time, so the same batch again finds what was written. Thread-safe; writes of one symbol go one after the other.
 */
final class TradeWriter {
    // Reading what lies between two microseconds costs less than another statement, up to about this long.
    private static final long GAP_NANOS_MAX = 2_000_000_000L;
    private static final int NAMED_MAX = 5;

    private final InfluxConnection connection;
    private final TradeReader reader;
    private final Optional<DirtyBuckets> dirty;
    private final SymbolLocks locks;
    private final HighestTrades highest = new HighestTrades(this::loadHighest);
    private final Map<String, LastGroup> lastGroups = new ConcurrentHashMap<>();

    TradeWriter(InfluxConnection connection, TradeReader reader, Optional<DirtyBuckets> dirty) {
        this.locks = new SymbolLocks(connection.timeout());
        this.connection = connection;
        this.reader = reader;
        this.dirty = dirty;
    }

    /** The latest microsecond of a symbol and its first free slot. */
    private record LastGroup(long startNanos, int nextSlot) {
        static final LastGroup NONE = new LastGroup(-1, 0);
    }

    private record GroupKey(String symbol, long startNanos) {}

    /** Where the next new trade of a symbol goes, within one batch. */
    private static final class Cursor {
        private final byte[] tag;
        private long groupNanos;
        private int nextSlot;
        private long minuteNanos = -1;

        Cursor(String symbol, LastGroup last) {
            this.tag = LineBuffer.escaped(SymbolTag.encode(symbol));
            this.groupNanos = last.startNanos();
            this.nextSlot = last.nextSlot();
        }

        /** Returns the slot of a trade that comes after all others of its symbol, and takes it. */
        int take(long groupStartNanos) {
            if (groupNanos != groupStartNanos) {
                groupNanos = groupStartNanos;
                nextSlot = 0;
            }
            return nextSlot++;
        }

        /** Returns whether a minute is another than that of the trade before. */
        boolean entersMinute(long openNanos) {
            boolean enters = minuteNanos != openNanos;
            minuteNanos = openNanos;
            return enters;
        }
    }

    AppendResult append(List<Trade> batch) {
        batch.forEach(this::check);
        List<Trade> distinct = DistinctTrades.of(batch);
        Set<String> symbols = new TreeSet<>();
        distinct.forEach(trade -> symbols.add(trade.symbol()));
        return locks.with(symbols, () -> {
            try {
                return write(batch.size(), distinct);
            } catch (RefusedLinesException e) {
                forget(distinct);
                return handBack(batch.size(), distinct, e);
            } catch (RuntimeException e) {
                forget(distinct);
                throw e;
            }
        });
    }

    private AppendResult write(int batchSize, List<Trade> distinct) {
        HighestTrades.Split split = highest.split(distinct);
        Map<GroupKey, TradeGroup> groups = lookUp(split.doubtful());
        split.doubtful().forEach(trade -> group(groups, trade).write(trade));
        Map<String, Cursor> cursors = new HashMap<>();
        Set<Bucket> buckets = new LinkedHashSet<>();
        List<Trade> fresh = new ArrayList<>(split.fresh().size());
        for (Trade trade : split.fresh()) {
            // Those that share a microsecond with one that was looked up take their place among its trades.
            TradeGroup group = groups.isEmpty() ? null : groups.get(key(trade));
            if (group == null) {
                fresh.add(trade);
                touch(buckets, cursor(cursors, trade.symbol()), trade.symbol(), trade.eventTimeNanos());
            } else {
                group.write(trade);
            }
        }
        int inserted = fresh.size();
        int replaced = 0;
        for (Map.Entry<GroupKey, TradeGroup> entry : groups.entrySet()) {
            GroupKey key = entry.getKey();
            TradeGroup group = entry.getValue();
            Cursor cursor = cursor(cursors, key.symbol());
            inserted += group.inserted();
            replaced += group.replaced();
            touch(buckets, cursor, key.symbol(), key.startNanos());
            if (cursor.groupNanos == key.startNanos()) {
                cursor.nextSlot = group.nextSlot();
            }
        }
        LineBuffer lines = new LineBuffer();
        try (DirtyBuckets.@Nullable Marking marking =
                dirty.map(marks -> marks.mark(buckets, lines)).orElse(null)) {
            groups.forEach((key, group) -> group.appendTo(lines, cursor(cursors, key.symbol()).tag));
            for (Trade trade : fresh) {
                Cursor cursor = cursor(cursors, trade.symbol());
                long start = TradePoints.groupNanos(trade.eventTimeNanos());
                int slot = cursor.take(start);
                if (slot >= TradeGroup.SLOTS_MAX) {
                    throw TradeGroup.full(connection.where(), trade);
                }
                TradePoints.append(lines, cursor.tag, trade, start + slot);
                lines.cut();
            }
            if (!lines.isEmpty()) {
                connection.write(Policy.TRADES, lines);
            }
            if (marking != null) {
                marking.acknowledged();
            }
        }
        cursors.forEach((symbol, cursor) -> lastGroups.put(symbol, new LastGroup(cursor.groupNanos, cursor.nextSlot)));
        highest.written(distinct);
        return new AppendResult(inserted, replaced, batchSize - inserted - replaced);
    }

    private Cursor cursor(Map<String, Cursor> cursors, String symbol) {
        return cursors.computeIfAbsent(symbol, name -> new Cursor(name, lastGroups.getOrDefault(name, LastGroup.NONE)));
    }

    private static void touch(Set<Bucket> buckets, Cursor cursor, String symbol, long timeNanos) {
        Bucket bucket = Bucket.of(symbol, timeNanos);
        if (cursor.entersMinute(bucket.openNanos())) {
            buckets.add(bucket);
        }
    }

    /** Deletes what precedes a time within its microsecond; returns how many trades that were. */
    long deleteWithin(long groupNanos, long beforeNanos) {
        long removed = 0;
        if (beforeNanos > groupNanos) {
            for (Found found : reader.within(groupNanos)) {
                Trade trade = found.trade();
                if (trade.eventTimeNanos() < beforeNanos) {
                    connection.delete(
                            TradePoints.MEASUREMENT,
                            List.of(new TagCondition("symbol", SymbolTag.encode(trade.symbol()))),
                            found.pointNanos(),
                            found.pointNanos());
                    removed += trade.cancelled() ? 0 : 1;
                }
            }
        }
        return removed;
    }

    /** Returns the microseconds of all trades that may be known, with what is there of them. */
    private Map<GroupKey, TradeGroup> lookUp(List<Trade> doubtful) {
        if (doubtful.isEmpty()) {
            return Map.of();
        }
        Map<GroupKey, TradeGroup> groups =
                new TreeMap<>(Comparator.comparing(GroupKey::symbol).thenComparingLong(GroupKey::startNanos));
        doubtful.forEach(trade ->
                groups.computeIfAbsent(key(trade), key -> new TradeGroup(connection.where(), key.startNanos())));
        for (Found found : reader.lookUp(ranges(groups.keySet()))) {
            TradeGroup group = groups.get(key(found.trade()));
            if (group != null) {
                group.stored(found.trade(), found.pointNanos());
            }
        }
        return groups;
    }

    private static TradeGroup group(Map<GroupKey, TradeGroup> groups, Trade trade) {
        return Objects.requireNonNull(groups.get(key(trade)));
    }

    private static List<Wanted> ranges(Set<GroupKey> sorted) {
        List<Wanted> ranges = new ArrayList<>();
        for (GroupKey key : sorted) {
            long end = key.startNanos() + TradePoints.NANOS_PER_MICROSECOND - 1;
            int at = ranges.size() - 1;
            Wanted before = at < 0 ? new Wanted("", 0, 0) : ranges.get(at);
            if (before.symbol().equals(key.symbol()) && key.startNanos() - before.endNanos() <= GAP_NANOS_MAX) {
                ranges.set(at, new Wanted(key.symbol(), before.fromNanos(), end));
            } else {
                ranges.add(new Wanted(key.symbol(), key.startNanos(), end));
            }
        }
        return ranges;
    }

    private Map<String, Place> loadHighest(Set<String> symbols) {
        List<String> ordered = List.copyOf(symbols);
        List<String> statements = ordered.stream()
                .map(symbol ->
                        reader.statement(symbol, 0, InfluxConnection.TIME_NANOS_MAX) + " ORDER BY time DESC LIMIT 1")
                .toList();
        List<List<Series>> answers = connection.query(statements);
        Map<String, Place> places = new HashMap<>();
        for (int i = 0; i < ordered.size(); i++) {
            LastGroup last = LastGroup.NONE;
            for (Series series : answers.get(i)) {
                @Nullable Object[] row = series.rows().get(0);
                long point = Series.whole(row, 0);
                long start = TradePoints.groupNanos(point);
                last = new LastGroup(start, (int) (point - start) + 1);
                places.put(ordered.get(i), new Place(Series.whole(row, 1), Series.whole(row, 2)));
            }
            lastGroups.put(ordered.get(i), last);
        }
        return places;
    }

    /** Finds out what is not there after a write that was refused in part, and names it. */
    private AppendResult handBack(int batchSize, List<Trade> distinct, RefusedLinesException refused) {
        Map<GroupKey, TradeGroup> groups = lookUp(distinct);
        List<Trade> missing = distinct.stream()
                .filter(trade -> !group(groups, trade).holds(trade))
                .toList();
        if (missing.isEmpty()) {
            // What it refused to write again, such as trades that are to expire, is there.
            return new AppendResult(0, 0, batchSize);
        }
        String named = missing.stream()
                .limit(NAMED_MAX)
                .map(trade -> "(" + trade.symbol() + ", " + trade.eventTimeNanos() + ", " + trade.sequence() + ")")
                .collect(Collectors.joining(" "));
        String problem =
                connection.where() + "refused " + missing.size() + " of " + distinct.size() + " trades: " + named
                        + (missing.size() > NAMED_MAX ? " …" : "") + "; the others are written. It says: "
                        + refused.getMessage();
        // The fields of all our trades have the same types: where another's are there, no trade is to blame.
        if (String.valueOf(refused.getMessage()).contains("field type conflict")) {
            throw new PermanentException(problem, refused);
        }
        throw new InvalidInputException(problem);
    }

    private void forget(List<Trade> trades) {
        highest.forget(trades);
        trades.forEach(trade -> lastGroups.remove(trade.symbol()));
    }

    private static GroupKey key(Trade trade) {
        return new GroupKey(trade.symbol(), TradePoints.groupNanos(trade.eventTimeNanos()));
    }

    private void check(Trade trade) {
        if (trade.eventTimeNanos() > TradeReader.lastEventNanos()) {
            throw new InvalidInputException(
                    connection.where() + "refused trade (" + trade.symbol() + ", " + trade.eventTimeNanos() + ", "
                            + trade.sequence() + "): its event time is beyond what InfluxDB can place");
        }
        if (trade.countsVolume()
                && !trade.cancelled()
                && (trade.volume() > TradePoints.SUMMAND_MAX
                        || Math.abs(trade.price() * trade.volume()) > TradePoints.SUMMAND_MAX)) {
            throw new InvalidInputException(
                    connection.where() + "refused trade (" + trade.symbol() + ", " + trade.eventTimeNanos() + ", "
                            + trade.sequence() + "): InfluxDB cannot sum up volumes or notionals beyond "
                            + TradePoints.SUMMAND_MAX);
        }
    }
}
