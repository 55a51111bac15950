package io.tsdash.duckdb;

import io.tsdash.model.Interval;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import io.tsdash.store.BarRange;
import io.tsdash.time.TimeSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Prints how fast trades are written as the table grows: {@code InsertRate FILE BATCH TOTAL [STRAGGLERS]}.
 *
 * <p>500 symbols, 5 µs between trades; one trade in fifty is up to 2 s late, and with STRAGGLERS each batch also holds so
 * many from any time before.
 */
final class InsertRate {
    private static final long T0 = 1_790_000_000_000_000_000L;
    private static final int REPORT = 1_000_000;

    private InsertRate() {}

    public static void main(String[] args) {
        int batchSize = Integer.parseInt(args[1]);
        int total = Integer.parseInt(args[2]);
        int stragglers = args.length > 3 ? Integer.parseInt(args[3]) : 0;
        TimeSource time = TimeSource.system();
        Random random = new Random(1);
        String[] symbols = new String[500];
        for (int i = 0; i < symbols.length; i++) {
            symbols[i] = "SYM" + i;
        }
        try (DuckDbMarketStore store = DuckDbMarketStore.open(DuckDbOptions.at(Path.of(args[0])))) {
            long number = 0;
            long now = T0;
            long spentNanos = 0;
            long slowestNanos = 0;
            while (number < total) {
                List<Trade> batch = new ArrayList<>(batchSize);
                for (int i = 0; i < batchSize; i++) {
                    now += 5_000;
                    long event = i < stragglers
                            ? T0 + (long) (random.nextDouble() * (now - T0))
                            : now - (random.nextInt(50) == 0 ? random.nextInt(2_000_000_000) : 0);
                    batch.add(new Trade(
                            symbols[random.nextInt(symbols.length)],
                            event,
                            now,
                            number++,
                            100 + random.nextInt(1_000) / 100.0,
                            1 + random.nextInt(100),
                            Side.BUY,
                            true,
                            true,
                            0));
                }
                long start = time.monotonicNanos();
                store.appendTrades(batch);
                long nanos = time.monotonicNanos() - start;
                spentNanos += nanos;
                slowestNanos = Math.max(slowestNanos, nanos);
                if (number % REPORT < batchSize) {
                    System.out.printf(
                            Locale.ROOT,
                            "%,d rows: %,.0f trades/s, slowest batch %.0f ms%n",
                            number,
                            REPORT * 1e9 / spentNanos,
                            slowestNanos / 1e6);
                    spentNanos = 0;
                    slowestNanos = 0;
                }
            }
            for (String interval : List.of("1s", "1m", "5m/1m", "1d@America/New_York")) {
                BarRange range = BarRange.of("SYM7", Interval.parse(interval), 0, Long.MAX_VALUE, 100_000);
                long start = time.monotonicNanos();
                int bars = store.barsOnDemand(range).size();
                System.out.printf(
                        Locale.ROOT,
                        "%s on demand: %d bars in %.0f ms%n",
                        interval,
                        bars,
                        (time.monotonicNanos() - start) / 1e6);
            }
            long start = time.monotonicNanos();
            store.lastTrade("SYM7");
            System.out.printf(Locale.ROOT, "last trade in %.1f ms%n", (time.monotonicNanos() - start) / 1e6);
        }
    }
}
