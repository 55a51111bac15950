package io.tsdash.benchmarks.cost;

import io.tsdash.benchmarks.Measured;
import io.tsdash.model.Trade;
import io.tsdash.store.writer.StoreWriter;
import io.tsdash.store.writer.StoreWriterListener;
import java.time.Duration;
import java.util.List;

/** A trade through a store writer, before a store that costs nothing. */
public final class StorePath implements CostlyPath {
    private static final int TRADES = 200_000;
    private static final int TIMES = 5;
    private static final int GIVEN = 1_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final List<Trade> trades = new Tape().next(TRADES);
    private final StoreWriter writer;

    /** @param measured whether with metrics */
    public StorePath(boolean measured) {
        Measured metrics = new Measured();
        writer = measured
                ? StoreWriter.to(metrics.joined(new Nowhere()))
                        .listener(metrics.joined(StoreWriterListener.NONE))
                        .start()
                : StoreWriter.to(new Nowhere()).start();
    }

    @Override
    public int round() throws InterruptedException {
        for (int time = 0; time < TIMES; time++) {
            for (int from = 0; from < TRADES; from += GIVEN) {
                writer.write(trades.subList(from, from + GIVEN));
            }
        }
        if (!writer.flush(PATIENCE)) {
            throw new IllegalStateException("not all trades were written within " + PATIENCE);
        }
        return TIMES * TRADES;
    }

    @Override
    public void close() {
        writer.close();
    }
}
