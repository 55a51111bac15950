package io.tsdash.testkit;

import io.tsdash.error.TransientException;
import io.tsdash.model.Trade;
import io.tsdash.spi.Stores;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * A program that writes a known series of trades and prints after each batch how many are acknowledged; made to be killed.
 *
 * <p>Trade n is the same in every run, so that a run that goes on where another was killed also repeats what the other may
 * have written last. Arguments: name and address of the store, first number, end (exclusive), trades a batch, then options
 * of the store as {@code name=value}. What fails in passing is printed and tried again.
 */
public final class CrashWriter {
    private static final int SYMBOLS = 50;
    private static final long STEP_NANOS = 10_000_000;
    private static final long PAUSE_NANOS = 50_000_000;

    private CrashWriter() {}

    /** @param args see the class */
    public static void main(String[] args) {
        Map<String, String> options = new HashMap<>();
        for (int i = 5; i < args.length; i++) {
            int equals = args[i].indexOf('=');
            options.put(args[i].substring(0, equals), args[i].substring(equals + 1));
        }
        long end = Long.parseLong(args[3]);
        int batch = Integer.parseInt(args[4]);
        try (MarketStore store = Stores.open(args[0], args[1], options, TimeSource.system())) {
            for (long from = Long.parseLong(args[2]); from < end; from += batch) {
                append(store, trades(from, Math.min(end, from + batch)));
                print(Long.toString(Math.min(end, from + batch)));
            }
        }
    }

    /** Returns the nth trade of the series. */
    public static Trade trade(long number) {
        return Trade.of(
                symbol((int) (number % SYMBOLS)),
                StoreSamples.T0 + number * STEP_NANOS,
                number,
                100 + (int) (number % 97) / 4.0,
                1 + (int) (number % 3));
    }

    static List<Trade> trades(long from, long to) {
        List<Trade> trades = new ArrayList<>((int) (to - from));
        for (long number = from; number < to; number++) {
            trades.add(trade(number));
        }
        return trades;
    }

    static List<String> symbols() {
        List<String> symbols = new ArrayList<>();
        for (int i = 0; i < SYMBOLS; i++) {
            symbols.add(symbol(i));
        }
        return symbols;
    }

    private static String symbol(int number) {
        return String.format("S%02d", number);
    }

    private static void append(MarketStore store, List<Trade> trades) {
        while (true) {
            try {
                store.appendTrades(trades);
                return;
            } catch (TransientException e) {
                print(String.valueOf(e.getMessage()).replace('\n', ' '));
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private static void print(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
