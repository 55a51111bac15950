package io.tsdash.pipeline;

import io.tsdash.bus.BatchHandler;
import io.tsdash.error.TransientException;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Trade;
import io.tsdash.store.AppendResult;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Writes trades to the store, a batch each pause, so that a commit is shared by all that came meanwhile.
 *
 * <p>A store that fails in passing is tried again for a while. One that stays away, or fails for good, does not stop the
 * live side: its trades are counted and told as not stored, until it takes writes again. One thread at a time.
 */
final class StoreStage implements BatchHandler {
    private static final long PAUSE_NANOS = Duration.ofMillis(50).toNanos();
    private static final long RETRY_PAUSE_NANOS = Duration.ofMillis(200).toNanos();
    private static final int FULL_BATCH = 4_096;

    private final MarketStore store;
    private final TimeSource time;
    private final long retryNanos;
    private final PipelineListener listener;
    final LongAdder stored = new LongAdder();
    final LongAdder duplicates = new LongAdder();
    final LongAdder notStored = new LongAdder();
    private long lastWriteNanos;
    private volatile boolean down;
    private volatile boolean closing;
    private volatile String problem = "";

    StoreStage(MarketStore store, TimeSource time, Duration retry, PipelineListener listener) {
        this.store = store;
        this.time = time;
        this.retryNanos = retry.toNanos();
        this.listener = listener;
        this.lastWriteNanos = time.monotonicNanos() - PAUSE_NANOS;
    }

    @Override
    public void onBatch(int partition, List<MarketEvent> batch) {
        List<Trade> trades = new ArrayList<>(batch.size());
        for (MarketEvent event : batch) {
            if (event instanceof Trade trade) {
                trades.add(trade);
            }
        }
        if (trades.isEmpty()) {
            return;
        }
        if (batch.size() < FULL_BATCH) {
            pause(lastWriteNanos + PAUSE_NANOS);
        }
        write(trades);
        lastWriteNanos = time.monotonicNanos();
    }

    boolean isDown() {
        return down;
    }

    String problem() {
        return problem;
    }

    /** From here on nothing pauses, and a failing store is not tried again. */
    void close() {
        closing = true;
    }

    private void write(List<Trade> trades) {
        long giveUpNanos = time.monotonicNanos() + (down || closing ? 0 : retryNanos);
        while (true) {
            try {
                AppendResult result = store.appendTrades(trades);
                stored.add(trades.size());
                duplicates.add(result.duplicates());
                if (down) {
                    down = false;
                    problem = "";
                    listener.onStoreBack();
                }
                return;
            } catch (RuntimeException e) {
                boolean again = e instanceof TransientException && time.monotonicNanos() < giveUpNanos && !closing;
                if (!again) {
                    notStored.add(trades.size());
                    problem = String.valueOf(e.getMessage());
                    down = true;
                    listener.onNotStored(trades.size(), e);
                    return;
                }
                pause(time.monotonicNanos() + RETRY_PAUSE_NANOS);
            }
        }
    }

    private void pause(long untilNanos) {
        long left;
        while (!closing && !Thread.currentThread().isInterrupted() && (left = untilNanos - time.monotonicNanos()) > 0) {
            LockSupport.parkNanos(this, left);
        }
    }
}
