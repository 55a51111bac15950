package io.tsdash.clickhouse;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Computes pre-computed bars anew: the finest from the trades, each coarser one from the level before it.
 *
 * <p>Each bar becomes one row of a new generation, after which readers pass over all older ones; also a bar without trades,
 * so that what is written late of an older generation does not count. The caller holds the locks of the symbols.
 */
final class BarRebuilder {
    private static final Logger LOG = LoggerFactory.getLogger(BarRebuilder.class);
    /** A list of these in the text of a query takes 100 kB. */
    private static final int WINDOWS_PER_QUERY = 2_000;

    private final Connection server;
    private final Generations generations;
    private final Retention retention;

    BarRebuilder(Connection server, Generations generations, Retention retention) {
        this.server = server;
        this.generations = generations;
        this.retention = retention;
    }

    /** Rebuilds these bars of the finest level, and those of the others that they lie in. */
    void rebuild(Windows finest) {
        long generation = generations.next();
        Windows changed = finest;
        for (int i = 0; i < Level.CHAIN.size(); i++) {
            Level level = Level.CHAIN.get(i);
            Windows windows =
                    i == 0 ? withoutFrozen(changed) : withoutIncomplete(changed.in(level), Level.CHAIN.get(i - 1));
            for (List<Windows.Window> part : parts(windows.inOrder())) {
                server.execute("INSERT INTO " + level.table()
                        + " (symbol, open_time, generation, rebuilt, open, high, low, close, volume, notional, priced,"
                        + " trade_count, first_event, last_event) SETTINGS distributed_foreground_insert = 1 "
                        + (i == 0 ? fromTrades(level, part, generation) : fromBars(i, part, generation)));
            }
            changed = windows;
        }
    }

    private static String fromTrades(Level level, List<Windows.Window> part, long generation) {
        String openTime = level.openTime("t.ts");
        return "SELECT t.symbol AS symbol, " + openTime + " AS open_time, toInt64(" + generation
                + ") AS generation, toUInt8(1) AS rebuilt, " + Tables.ofTradesAndEmptyBars()
                + " FROM (SELECT toString(r.symbol) AS symbol, r.ts AS ts, r.seq AS seq, r.price AS price,"
                + " r.volume AS volume, r.sets_price AS sets_price, r.counts_volume AS counts_volume, toUInt8(1) AS counts"
                + " FROM " + Tables.TRADES + " AS r FINAL WHERE " + within("r.ts", level, part) + " AND "
                + Tables.counted("r")
                + " UNION ALL SELECT w.1, fromUnixTimestamp64Nano(toInt64(w.2), 'UTC'), toInt64(0), 0., 0., false, false, toUInt8(0)"
                + " FROM (SELECT arrayJoin([" + list(part) + "]) AS w)) AS t GROUP BY t.symbol, " + openTime;
    }

    private static String fromBars(int index, List<Windows.Window> part, long generation) {
        Level level = Level.CHAIN.get(index);
        String openTime = level.openTime("b.open_time");
        return "SELECT b.symbol AS symbol, " + openTime + " AS open_time, toInt64(" + generation
                + ") AS generation, toUInt8(1) AS rebuilt, " + Tables.ofBars() + " FROM ("
                + valid(Level.CHAIN.get(index - 1), within("r.open_time", level, part), "r.symbol, r.open_time")
                + ") AS b WHERE b.generation >= b.since GROUP BY b.symbol, " + openTime;
    }

    /**
     * Returns the query for rows of pre-computed bars with the generation from which on they hold.
     *
     * @param condition on the alias r
     * @param identity what tells bars apart within the condition
     */
    static String valid(Level level, String condition, String identity) {
        return "SELECT r.*, max(if(r.rebuilt = 1, r.generation, 0)) OVER (PARTITION BY " + identity + ") AS since FROM "
                + level.table() + " AS r WHERE " + condition;
    }

    /** Symbols and times stand apart as well: these are what the primary index understands. */
    private static String within(String time, Level level, List<Windows.Window> part) {
        Set<String> symbols = part.stream().map(Windows.Window::symbol).collect(Collectors.toCollection(TreeSet::new));
        long from = part.get(0).openNanos();
        long to = part.get(part.size() - 1).openNanos() + level.sizeNanos();
        return "r.symbol IN (" + symbols.stream().map(Sql::text).collect(Collectors.joining(", ")) + ") AND " + time
                + " >= " + Sql.time(from) + " AND " + time + " < " + Sql.time(to)
                + " AND (r.symbol, intDiv(toUnixTimestamp64Nano("
                + time + "), " + level.sizeNanos() + ") * " + level.sizeNanos() + ") IN (" + list(part) + ")";
    }

    private static String list(List<Windows.Window> part) {
        return part.stream()
                .map(window -> "(" + Sql.text(window.symbol()) + ", " + window.openNanos() + ")")
                .collect(Collectors.joining(", "));
    }

    /**
     * Leaves out bars whose trades were removed, all or some: they stay as they are. A bar that has no row from before the
     * removal holds only trades that came later, and these are all there.
     */
    private Windows withoutFrozen(Windows windows) {
        Retention.Bound bound = retention.ofTrades();
        List<Windows.Window> all = windows.inOrder();
        List<Windows.Window> old = all.stream()
                .filter(window -> window.openNanos() < bound.sinceNanos())
                .toList();
        if (old.isEmpty()) {
            return windows;
        }
        Set<Windows.Window> frozen = new HashSet<>();
        for (List<Windows.Window> part : parts(old)) {
            server.query(
                    "SELECT DISTINCT toString(r.symbol), r.open_time FROM "
                            + Level.finest().table() + " AS r WHERE " + within("r.open_time", Level.finest(), part)
                            + " AND r.generation < " + bound.generation(),
                    Map.of(),
                    rows -> {
                        while (rows.next()) {
                            frozen.add(new Windows.Window(rows.string(), rows.int64()));
                        }
                        return frozen;
                    });
        }
        return without(windows, frozen, "trades were removed");
    }

    private Windows withoutIncomplete(Windows windows, Level finer) {
        long sinceNanos = retention.ofBarsNanos(finer);
        if (sinceNanos == 0) {
            return windows;
        }
        Set<Windows.Window> incomplete = windows.inOrder().stream()
                .filter(window -> window.openNanos() < sinceNanos)
                .collect(Collectors.toSet());
        return without(windows, incomplete, "bars of " + finer.interval() + " were removed");
    }

    private static Windows without(Windows windows, Set<Windows.Window> left, String why) {
        if (left.isEmpty()) {
            return windows;
        }
        LOG.warn(
                "{} pre-computed bars stay as they are although trades of theirs came or changed: their {}",
                left.size(),
                why);
        Windows rest = new Windows();
        for (Windows.Window window : windows.inOrder()) {
            if (!left.contains(window)) {
                rest.add(window.symbol(), window.openNanos());
            }
        }
        return rest;
    }

    private static List<List<Windows.Window>> parts(List<Windows.Window> all) {
        List<List<Windows.Window>> parts = new ArrayList<>();
        for (int from = 0; from < all.size(); from += WINDOWS_PER_QUERY) {
            parts.add(all.subList(from, Math.min(all.size(), from + WINDOWS_PER_QUERY)));
        }
        return parts;
    }
}
