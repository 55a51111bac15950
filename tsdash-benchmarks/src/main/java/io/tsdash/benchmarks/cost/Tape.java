package io.tsdash.benchmarks.cost;

import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;

/** Trades of 500 symbols, 100,000 a second of market time, in order. Single-threaded. */
final class Tape {
    static final int SYMBOLS = 500;
    private static final long STEP_NANOS = 10_000;

    private final String[] symbols = new String[SYMBOLS];
    private final Random random = new Random(7);
    private long nanos = 1_723_127_400_000_000_000L; // 2024-08-08T14:30Z
    private long sequence;

    Tape() {
        for (int i = 0; i < SYMBOLS; i++) {
            symbols[i] = String.format(Locale.ROOT, "S%03d", i);
        }
    }

    List<String> symbols() {
        return List.of(symbols);
    }

    /** Returns trades of symbols at random. */
    List<Trade> next(int count) {
        List<Trade> trades = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            trades.add(trade(symbols[random.nextInt(SYMBOLS)]));
        }
        return trades;
    }

    /** Returns a trade of each symbol. */
    List<Trade> nextOfEach() {
        return Stream.of(symbols).map(this::trade).toList();
    }

    private Trade trade(String symbol) {
        nanos += STEP_NANOS;
        return new Trade(
                symbol,
                nanos,
                nanos + 1_000_000,
                ++sequence,
                100 + random.nextInt(1_000) / 100.0,
                1 + random.nextInt(9),
                Side.BUY,
                true,
                true,
                0);
    }
}
