package io.tsdash.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.model.Trade;
import io.tsdash.store.MarketStore;
import io.tsdash.store.writer.StoreWriter;
import io.tsdash.store.writer.StoreWriterCounts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** A writer that gives a store up soon: what it is given while the store is at fault must be there once the fault is mended. */
public final class SpillingWriter {
    private static final Duration WITHIN = Duration.ofSeconds(60);
    private static final long PAUSE_NANOS = 20_000_000;

    private SpillingWriter() {}

    /** Returns a writer with a spill in this folder; the caller closes it, before the store. */
    public static StoreWriter start(MarketStore store, Path folder) {
        return StoreWriter.to(store)
                .retry(Duration.ofSeconds(1))
                .breaker(2, Duration.ofSeconds(1))
                .spill(folder, 16L << 20)
                .start();
    }

    /** Gives it trades of which the store takes none now, and waits until they are on disk. */
    public static void assertWaits(StoreWriter writer, List<Trade> trades) throws InterruptedException {
        writer.write(trades);
        assertThat(writer.flush(WITHIN)).isTrue();
        assertThat(writer.counts().onDisk()).isEqualTo(trades.size());
        assertThat(writer.problem()).isNotEmpty();
    }

    /** Waits until the store has all that this writer was ever given. */
    public static void assertArrives(StoreWriter writer) {
        long until = System.nanoTime() + WITHIN.toNanos();
        while (writer.counts().onDisk() > 0 && System.nanoTime() < until) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        StoreWriterCounts counts = writer.counts();
        assertThat(counts.setAside() + counts.lost()).isZero();
        assertThat(counts.stored()).isEqualTo(counts.accepted());
    }
}
