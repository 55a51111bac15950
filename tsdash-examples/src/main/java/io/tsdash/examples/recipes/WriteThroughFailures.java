package io.tsdash.examples.recipes;

import io.tsdash.model.Trade;
import io.tsdash.spi.Stores;
import io.tsdash.store.MarketStore;
import io.tsdash.store.writer.StoreWriter;
import io.tsdash.store.writer.StoreWriterListener;
import io.tsdash.time.TimeSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Opens a store by its name, and writes to it through whatever happens: batches, retries, and a disk to wait on. */
public final class WriteThroughFailures {
    private static final long HALF_PAST_TWO = 1_723_127_400_000_000_000L; // 2024-08-08T14:30Z

    private WriteThroughFailures() {}

    /** Writes three trades; arguments: name and address of the store, and a folder for what waits. */
    public static void main(String[] args) throws InterruptedException {
        StoreWriterListener alarm = new StoreWriterListener() {
            @Override
            public void onSpilled(String store, int trades, RuntimeException cause) {
                System.out.println(trades + " trades wait on disk for " + store + ": " + cause.getMessage());
            }
        };
        try (MarketStore store = Stores.open(args[0], args[1], Map.of(), TimeSource.system());
                StoreWriter writer = StoreWriter.to(store)
                        .lanes(2)
                        .retry(Duration.ofSeconds(10))
                        .spill(Path.of(args[2]), 4L << 30)
                        .listener(alarm)
                        .start()) {
            writer.write(List.of(
                    Trade.of("AAPL", HALF_PAST_TWO, 1, 150.25, 100),
                    Trade.of("MSFT", HALF_PAST_TWO + 1, 1, 402.5, 20),
                    Trade.of("AAPL", HALF_PAST_TWO + 2, 2, 150.5, 30)));
            writer.flush(Duration.ofSeconds(5));
            System.out.println(writer.counts());
        }
    }
}
