package io.tsdash.pipeline;

import io.tsdash.bus.BatchHandler;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Trade;
import io.tsdash.store.MarketStore;
import io.tsdash.store.StoreRoutes;
import io.tsdash.store.writer.StoreWriter;
import io.tsdash.store.writer.StoreWriterBuilder;
import io.tsdash.store.writer.StoreWriterCounts;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.TradeTraces;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;

/** Hands trades to a writer for each store that gets them; a full one holds the bus. Thread-safe. */
final class StoreStage implements BatchHandler {
    private static final Duration CHECKPOINT_TIMEOUT = Duration.ofSeconds(5);
    private static final long LOOK_NANOS = Duration.ofMillis(20).toNanos();

    private final TimeSource time;
    private final FarAhead farAhead;
    private final TradeTraces traces;
    private final String bus;
    private final List<StoreWriter> writers = new ArrayList<>();

    StoreStage(
            StoreRoutes routes,
            StoreSettings settings,
            FarAhead farAhead,
            TimeSource time,
            PipelineListener listener,
            TradeTraces traces,
            String bus) {
        this.traces = traces;
        this.bus = bus;
        this.time = time;
        this.farAhead = farAhead;
        int number = 0;
        for (MarketStore store : routes.trades()) {
            StoreWriterBuilder builder = StoreWriter.to(new TracedWrites(store, traces, time))
                    .time(time)
                    .listener(listener)
                    .retry(settings.retry())
                    .lanes(settings.lanes());
            String folder = store.capabilities().name() + (number == 0 ? "" : "-" + number);
            settings.spill().ifPresent(base -> builder.spill(base.resolve(folder), settings.spillBytesMax()));
            number++;
            writers.add(builder.start());
        }
    }

    @Override
    public void onBatch(int partition, List<MarketEvent> batch) {
        List<Trade> trades = new ArrayList<>(batch.size());
        // Told by the stage of bars, which has every event of every partition.
        for (MarketEvent event : farAhead.without(batch, leftOut -> {})) {
            if (event instanceof Trade trade) {
                trades.add(trade);
            }
        }
        traces.of(trades).forEach(each -> each.cameToStore(bus, writers.size()));
        try {
            for (StoreWriter writer : writers) {
                writer.write(trades);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PermanentException("interrupted while " + trades.size() + " trades waited for a store", e);
        }
    }

    /**
     * Positions on a bus follow the stores: what a store has not got yet comes again after a restart, and so does all from the
     * first trade on that was lost to one.
     */
    @Override
    public void checkpoint() {
        if (!flush(CHECKPOINT_TIMEOUT)) {
            throw new TransientException("trades wait for a store: "
                    + writers.stream()
                            .map(StoreWriter::problem)
                            .filter(problem -> !problem.isEmpty())
                            .findFirst()
                            .orElse("it is slow"));
        }
        long lost = sum(StoreWriterCounts::lost);
        if (lost > 0) {
            throw new TransientException(
                    lost + " trades were lost to a store: the bus gives them again at the next start");
        }
    }

    /** Waits until what another run left on disk is in the stores; returns whether it is, within the timeout. */
    boolean awaitReplay(Duration timeout) {
        long untilNanos = time.monotonicNanos() + timeout.toNanos();
        while (sum(StoreWriterCounts::onDisk) > 0) {
            if (time.monotonicNanos() >= untilNanos) {
                return false;
            }
            LockSupport.parkNanos(this, LOOK_NANOS);
        }
        return true;
    }

    /** Returns whether all that was handed on is in the stores, on disk, set aside or lost, within the timeout. */
    boolean flush(Duration timeout) {
        long untilNanos = time.monotonicNanos() + timeout.toNanos();
        try {
            for (StoreWriter writer : writers) {
                if (!writer.flush(Duration.ofNanos(untilNanos - time.monotonicNanos()))) {
                    return false;
                }
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    List<StoreWriter> writers() {
        return writers;
    }

    long sum(ToLongFunction<StoreWriterCounts> count) {
        return writers.stream().map(StoreWriter::counts).mapToLong(count).sum();
    }

    /** From here on a store that is away is not waited for. */
    void hurry() {
        writers.forEach(StoreWriter::hurry);
    }

    void close() {
        writers.forEach(StoreWriter::close);
    }
}
