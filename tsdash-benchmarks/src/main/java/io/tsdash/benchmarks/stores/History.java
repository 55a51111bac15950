package io.tsdash.benchmarks.stores;

import io.tsdash.model.Trade;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/**
 * Trades of many symbols over three months of sessions, 63 days of six and a half hours each, and then live ones, in order of
 * time.
 *
 * <p>Trade n is always the same. Single-threaded use of each call; no state.
 */
final class History {
    static final long START_NANOS =
            LocalDate.of(2026, 8, 3).atTime(13, 30).toEpochSecond(ZoneOffset.UTC) * 1_000_000_000L;
    static final int DAYS = 63;
    private static final long DAY_NANOS = 86_400_000_000_000L;
    private static final long SESSION_NANOS = 23_400_000_000_000L;

    private final int symbols;
    private final long total;
    private final int livePerSecond;
    private final List<String> names = new ArrayList<>();

    /**
     * Makes it.
     *
     * @param livePerSecond at which rate trades happen after the last session
     */
    History(int symbols, long total, int livePerSecond) {
        this.symbols = symbols;
        this.total = total;
        this.livePerSecond = livePerSecond;
        for (int i = 0; i < symbols; i++) {
            names.add(String.format("SYM%03d", i));
        }
    }

    List<String> names() {
        return names;
    }

    long total() {
        return total;
    }

    /** Returns trades from one number to another, exclusive; beyond the total they are live. */
    List<Trade> trades(long from, long to) {
        List<Trade> trades = new ArrayList<>((int) (to - from));
        for (long number = from; number < to; number++) {
            // A walk through all symbols that is not in their order, and prices that walk too.
            long mixed = (number * 0x9E3779B97F4A7C15L) >>> 40;
            trades.add(Trade.of(
                    names.get((int) (mixed % symbols)),
                    timeNanos(number),
                    number,
                    100 + (int) (number / 10_000 % 500) / 10.0 + (int) (mixed % 41) / 100.0,
                    1 + (int) (mixed % 100)));
        }
        return trades;
    }

    /** Returns when trade n happened. */
    long timeNanos(long number) {
        if (number >= total) {
            return START_NANOS + DAYS * DAY_NANOS + (number - total) * (1_000_000_000L / livePerSecond);
        }
        long perDay = Math.max(1, total / DAYS);
        long day = Math.min(number / perDay, DAYS - 1);
        return START_NANOS + day * DAY_NANOS + (number - day * perDay) * (SESSION_NANOS / perDay);
    }
}
