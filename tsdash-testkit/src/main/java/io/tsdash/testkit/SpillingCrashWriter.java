package io.tsdash.testkit;

import io.tsdash.error.TransientException;
import io.tsdash.model.Trade;
import io.tsdash.store.AppendResult;
import io.tsdash.store.ForwardingMarketStore;
import io.tsdash.store.MarketStore;
import io.tsdash.store.writer.StoreWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A program whose store is away: writes the trades of {@link CrashWriter}, and prints after each batch how many wait on disk;
 * made to be killed.
 *
 * <p>Arguments: the folder of the spill, trades a batch, end (exclusive).
 */
public final class SpillingCrashWriter {
    private static final long SPILL_BYTES_MAX = 1L << 30;
    private static final Duration FLUSH = Duration.ofSeconds(30);

    private SpillingCrashWriter() {}

    /** @param args see the class */
    public static void main(String[] args) throws InterruptedException {
        int batch = Integer.parseInt(args[1]);
        long end = Long.parseLong(args[2]);
        try (MarketStore away = new Away();
                StoreWriter writer = StoreWriter.to(away)
                        .retry(Duration.ZERO)
                        .breaker(1, Duration.ofMillis(20))
                        .age(Duration.ZERO)
                        .spill(Path.of(args[0]), SPILL_BYTES_MAX)
                        .start()) {
            for (long from = 0; from < end; from += batch) {
                writer.write(CrashWriter.trades(from, Math.min(end, from + batch)));
                if (!writer.flush(FLUSH)) {
                    throw new IllegalStateException("trades were not on disk within " + FLUSH);
                }
                System.out.println(Math.min(end, from + batch));
                System.out.flush();
            }
        }
    }

    /** Thread-safe. */
    private static final class Away extends ForwardingMarketStore {
        Away() {
            super(MarketStore.inMemory());
        }

        @Override
        public AppendResult appendTrades(List<Trade> batch) {
            throw new TransientException("the store is away");
        }
    }
}
