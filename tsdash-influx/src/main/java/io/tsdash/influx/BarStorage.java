package io.tsdash.influx;

import io.tsdash.error.PermanentException;
import io.tsdash.influx.InfluxConnection.RefusedLinesException;
import io.tsdash.influx.InfluxConnection.TagCondition;
import io.tsdash.influx.InfluxDialect.Policy;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.store.BarRange;
import io.tsdash.store.SymbolLocks;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Bars that were sent: of one identity the highest revision holds.
 *
 * <p>The newest bar of each series is remembered, so that bars that come in order need no look; others are looked up before
 * they are written. A retracted bar stays as a point, so that an older revision does not bring it back. Thread-safe; writes
 * of one symbol go one after the other.
 */
final class BarStorage {
    private static final int PAGE_ROWS = 10_000;

    private final InfluxConnection connection;
    private final String from;
    private final SymbolLocks locks;
    private final Map<SeriesKey, Newest> newest = new ConcurrentHashMap<>();

    BarStorage(InfluxConnection connection) {
        this.locks = new SymbolLocks(connection.timeout());
        this.connection = connection;
        this.from = " FROM " + connection.dialect().from(Policy.BARS, BarPoints.MEASUREMENT);
    }

    private record SeriesKey(String symbol, String interval) {}

    private record Newest(long openNanos, int revision) {
        static final Newest NONE = new Newest(Long.MIN_VALUE, -1);
    }

    void upsert(List<Bar> batch) {
        Map<SeriesKey, NavigableMap<Long, Bar>> held = new HashMap<>();
        Set<String> symbols = new TreeSet<>();
        for (Bar bar : batch) {
            symbols.add(bar.symbol());
            held.computeIfAbsent(new SeriesKey(bar.symbol(), bar.interval().text()), key -> new TreeMap<>())
                    .merge(bar.openTimeNanos(), bar, (old, young) -> young.revision() >= old.revision() ? young : old);
        }
        try {
            locks.with(symbols, () -> {
                write(held);
                return held;
            });
        } catch (RefusedLinesException e) {
            held.keySet().forEach(newest::remove);
            throw new PermanentException(
                    connection.where() + "refused bars; none, some or all of the others are written. It says: "
                            + e.getMessage(),
                    e);
        } catch (RuntimeException e) {
            held.keySet().forEach(newest::remove);
            throw e;
        }
    }

    private void write(Map<SeriesKey, NavigableMap<Long, Bar>> held) {
        loadNewest(held.keySet());
        lookUpRevisions(held);
        LineBuffer lines = new LineBuffer();
        held.forEach((key, bars) -> {
            byte[] tag = LineBuffer.escaped(SymbolTag.encode(key.symbol()));
            for (Bar bar : bars.values()) {
                BarPoints.append(lines, tag, bar);
                lines.cut();
            }
        });
        if (!lines.isEmpty()) {
            connection.write(Policy.BARS, lines);
        }
        held.forEach((key, bars) -> {
            if (!bars.isEmpty() && bars.lastKey() >= newest(key).openNanos()) {
                newest.put(
                        key,
                        new Newest(bars.lastKey(), bars.lastEntry().getValue().revision()));
            }
        });
    }

    /** Takes out the bars of which a higher revision is known. */
    private void lookUpRevisions(Map<SeriesKey, NavigableMap<Long, Bar>> held) {
        List<SeriesKey> keys = new ArrayList<>();
        List<String> statements = new ArrayList<>();
        held.forEach((key, bars) -> {
            Newest known = newest(key);
            bars.computeIfPresent(known.openNanos(), (open, bar) -> bar.revision() < known.revision() ? null : bar);
            Map<Long, Bar> older = bars.headMap(known.openNanos(), false);
            if (!older.isEmpty()) {
                keys.add(key);
                statements.add("SELECT \"revision\"" + from + " WHERE " + is(key) + " AND time >= " + bars.firstKey()
                        + " AND time <= " + Collections.max(older.keySet()));
            }
        });
        List<List<Series>> answers = connection.query(statements);
        for (int i = 0; i < answers.size(); i++) {
            NavigableMap<Long, Bar> bars = held.getOrDefault(keys.get(i), new TreeMap<>());
            for (Series series : answers.get(i)) {
                for (@Nullable Object[] row : series.rows()) {
                    long revision = Series.whole(row, 1);
                    bars.computeIfPresent(Series.whole(row, 0), (open, bar) -> bar.revision() < revision ? null : bar);
                }
            }
        }
    }

    private void loadNewest(Set<SeriesKey> keys) {
        List<SeriesKey> unknown =
                keys.stream().filter(key -> !newest.containsKey(key)).toList();
        List<String> statements = unknown.stream()
                .map(key -> "SELECT \"revision\"" + from + " WHERE " + is(key) + " ORDER BY time DESC LIMIT 1")
                .toList();
        List<List<Series>> answers = connection.query(statements);
        for (int i = 0; i < answers.size(); i++) {
            Newest found = Newest.NONE;
            for (Series series : answers.get(i)) {
                @Nullable Object[] row = series.rows().get(0);
                found = new Newest(Series.whole(row, 0), (int) Series.whole(row, 1));
            }
            newest.put(unknown.get(i), found);
        }
    }

    private Newest newest(SeriesKey key) {
        return newest.getOrDefault(key, Newest.NONE);
    }

    List<Bar> bars(BarRange range) {
        SeriesKey key = new SeriesKey(range.symbol(), range.interval().text());
        List<Bar> bars = new ArrayList<>();
        Pages.read(
                connection,
                "SELECT " + BarPoints.COLUMNS + from + " WHERE " + is(key) + " AND \"trades\" > 0",
                range,
                PAGE_ROWS,
                row -> bars.add(BarPoints.bar(range.symbol(), range.interval(), row)));
        if (range.newestFirst()) {
            Collections.reverse(bars);
        }
        return List.copyOf(bars);
    }

    /** Removes bars of one interval that open at or before a time; returns how many stood in answers. */
    long deleteUpTo(Interval interval, long openNanos) {
        Series count = connection.rows("SELECT count(\"trades\")" + from + " WHERE \"interval\" = "
                + SymbolTag.quoted(interval.text()) + " AND \"trades\" > 0 AND time <= " + openNanos);
        connection.delete(
                BarPoints.MEASUREMENT,
                List.of(new TagCondition("interval", interval.text())),
                -InfluxConnection.TIME_NANOS_MAX,
                openNanos);
        newest.clear();
        return count.rows().isEmpty() ? 0 : Series.whole(count.rows().get(0), 1);
    }

    private static String is(SeriesKey key) {
        return "\"interval\" = " + SymbolTag.quoted(key.interval()) + " AND " + TradeReader.is(key.symbol());
    }
}
