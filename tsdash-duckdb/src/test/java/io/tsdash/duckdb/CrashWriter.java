package io.tsdash.duckdb;

import io.tsdash.error.TransientException;
import io.tsdash.model.Trade;
import io.tsdash.store.MarketStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Writes trades without end and prints after each batch how many are acknowledged; made to be killed.
 *
 * <p>Trade n is the same in every run, so that a run that goes on where another was killed also repeats what the other may
 * have written last.
 */
final class CrashWriter {
    static final long T0 = 1_790_000_000_000_000_000L;
    private static final int BATCH_MAX = 3_000;

    private CrashWriter() {}

    public static void main(String[] args) {
        try (MarketStore store = DuckDbMarketStore.open(DuckDbOptions.at(Path.of(args[0])))) {
            long next = Long.parseLong(args[1]);
            for (int round = 0; ; round++) {
                int size = 1 + round * 997 % BATCH_MAX;
                List<Trade> batch = new ArrayList<>(size);
                for (int i = 0; i < size; i++) {
                    batch.add(trade(next + i));
                }
                append(store, batch);
                next += size;
                System.out.println(next);
                System.out.flush();
            }
        }
    }

    /** Tries again until it succeeds, as the pipeline does, and says why it had to. */
    private static void append(MarketStore store, List<Trade> batch) {
        while (true) {
            try {
                store.appendTrades(batch);
                return;
            } catch (TransientException e) {
                System.out.println(e.getMessage());
                System.out.flush();
                LockSupport.parkNanos(50_000_000);
            }
        }
    }

    static Trade trade(long number) {
        return Trade.of("S" + number % 7, T0 + number * 1_000, number, (double) (100 + number % 100), 1);
    }
}
