package io.tsdash.benchmarks.fanout;

import io.tsdash.model.Quote;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** The market that every contender serves: all symbols change at each tick, by a few points. */
final class Market {
    private final List<String> symbols = new ArrayList<>();
    private long tick;

    Market(int count) {
        for (int i = 0; i < count; i++) {
            symbols.add(String.format(Locale.ROOT, "S%03d", i));
        }
    }

    List<String> symbols() {
        return symbols;
    }

    /** Moves on by a tick; the time is the machine's monotonic clock, which all processes share. */
    List<Quote> next() {
        tick++;
        List<Quote> quotes = new ArrayList<>(symbols.size());
        for (int i = 0; i < symbols.size(); i++) {
            long mid = 10_000 + i * 10L + (tick * 7 + i * 13L) % 41;
            quotes.add(new Quote(
                    symbols.get(i),
                    System.nanoTime(),
                    0,
                    tick,
                    (mid - 1) / 100.0,
                    (mid + 1) / 100.0,
                    100 + tick % 9,
                    100 + i % 7));
        }
        return quotes;
    }

    /** Returns what one client follows: other symbols for each. */
    static List<Integer> wanted(int client, int of, int count) {
        Random random = new Random(client);
        return random.ints(0, of).distinct().limit(count).boxed().toList();
    }
}
