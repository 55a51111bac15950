package io.tsdash.store.writer;

import io.tsdash.batch.BatchCounts;
import io.tsdash.batch.BatchWriter;
import io.tsdash.model.Trade;
import io.tsdash.store.MarketStore;
import java.time.Duration;
import java.util.List;

/**
 * Brings trades to a store: in batches, on several lanes, through failures, each symbol's in the order in which they came.
 *
 * <p>What {@link BatchWriter} does, for trades: what fails in passing is tried again, then waits on disk; memory and disk are
 * bounded, and when both are full, whoever writes waits. A trade that the store refuses for good is set aside with the
 * reason, in a tape beside the spill. Nothing of this happens in silence: see {@link StoreWriterListener} and {@link #counts}.
 *
 * <p>Thread-safe. A thread a lane, and one for what waits on disk.
 */
public final class StoreWriter implements AutoCloseable {
    private final BatchWriter<Trade> writer;

    StoreWriter(BatchWriter<Trade> writer) {
        this.writer = writer;
    }

    /** Returns the settings of a writer to this store, which stays the caller's to close, after the writer. */
    public static StoreWriterBuilder to(MarketStore store) {
        return new StoreWriterBuilder(store);
    }

    /**
     * Takes trades, and waits while there is no room for them.
     *
     * @param trades in the order in which they came
     * @throws io.tsdash.error.PermanentException if it is closed; trades not yet taken then are not
     */
    public void write(List<Trade> trades) throws InterruptedException {
        writer.write(trades);
    }

    /**
     * Writes at once what waits for its batch to fill.
     *
     * @return whether all that was taken before is in the store, on disk, set aside or lost, within the timeout
     */
    public boolean flush(Duration timeout) throws InterruptedException {
        return writer.flush(timeout);
    }

    /** Returns what was done so far. */
    public StoreWriterCounts counts() {
        BatchCounts counts = writer.counts();
        return new StoreWriterCounts(
                counts.accepted(),
                counts.stored(),
                counts.duplicates(),
                counts.spilled(),
                counts.setAside(),
                counts.lost(),
                counts.queued(),
                counts.onDisk(),
                counts.retries());
    }

    /** Returns why the store does not take writes; empty while it does. */
    public String problem() {
        return writer.problem();
    }

    /** From here on a batch is tried once, and nothing waits for a store that is away: for who is about to close. */
    public void hurry() {
        writer.hurry();
    }

    /** Returns the name of its store. */
    public String store() {
        return writer.name();
    }

    /**
     * Brings what waits to the store, each batch tried once; what fails goes to disk, or is told as lost where there is none.
     * Ends within the timeout for closing; then so does what is left, with the batch for which the store has no answer yet: it may
     * get that twice.
     */
    @Override
    public void close() {
        writer.close();
    }
}
