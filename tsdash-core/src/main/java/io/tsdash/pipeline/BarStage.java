package io.tsdash.pipeline;

import io.tsdash.aggregation.BarAggregator;
import io.tsdash.aggregation.Outcome;
import io.tsdash.bus.BatchHandler;
import io.tsdash.distribution.MarketChannels;
import io.tsdash.error.PermanentException;
import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Trade;
import io.tsdash.time.TimeSource;
import io.tsdash.trace.TracedTrade;
import io.tsdash.trace.TradeTraces;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes bars of the trades of each partition, and sends events and bars to the channels and closed bars to the store.
 *
 * <p>Each partition has an aggregator behind a lock of its own: one thread of the bus calls with its trades, the ticker with the
 * time.
 */
final class BarStage implements BatchHandler {
    private static final long TELL_NANOS = 1_000_000;
    private static final List<Outcome> OUTCOMES = List.of(Outcome.values());

    private static final class Partition {
        final int number;
        final ReentrantLock lock = new ReentrantLock();
        final List<Bar> bars = new ArrayList<>();
        final BarAggregator aggregator;
        final LongAdder handled = new LongAdder();
        final Map<Outcome, AtomicLong> counts = new EnumMap<>(Outcome.class); // all of them, from the start
        long toldNanos; // of the bus's thread

        Partition(int number, PipelineConfig config, PipelineListener listener, long nowNanos) {
            this.number = number;
            this.toldNanos = nowNanos - TELL_NANOS;
            OUTCOMES.forEach(outcome -> counts.put(outcome, new AtomicLong()));
            aggregator = BarAggregator.builder(bars::add)
                    .intervals(config.intervals())
                    .lateness(config.lateness())
                    .aheadMax(config.aheadMax())
                    .setAside(listener::onSetAside)
                    .build();
        }

        void count() {
            counts.forEach((outcome, count) -> count.set(aggregator.count(outcome)));
        }
    }

    private final String feed;
    private final MarketChannels channels;
    private final TimeSource time;
    private final List<BarWriter> writers;
    private final List<Partition> partitions = new ArrayList<>();
    private final FarAhead farAhead;
    private final PipelineListener listener;
    private final TradeTraces traces;
    private final String bus;
    private final CountDownLatch opened = new CountDownLatch(1);
    private volatile long newestBatchNanos;
    private volatile long newestEventNanos;
    private volatile long newestLagNanos;
    final LongAdder tooFarAhead = new LongAdder();
    final LongAdder closed = new LongAdder();
    final LongAdder revised = new LongAdder();

    BarStage(
            String feed,
            int partitionCount,
            PipelineConfig config,
            MarketChannels channels,
            List<BarWriter> writers,
            FarAhead farAhead,
            TimeSource time,
            PipelineListener listener,
            TradeTraces traces,
            String bus) {
        this.traces = traces;
        this.bus = bus;
        this.farAhead = farAhead;
        this.listener = listener;
        this.time = time;
        this.newestBatchNanos = time.monotonicNanos();
        this.feed = feed;
        this.channels = channels;
        this.writers = writers;
        for (int i = 0; i < partitionCount; i++) {
            partitions.add(new Partition(i, config, listener, newestBatchNanos));
        }
    }

    @Override
    public void onBatch(int partition, List<MarketEvent> arrived) {
        take(partition, arrived);
        partitions.get(partition).handled.increment();
    }

    private void take(int partition, List<MarketEvent> arrived) {
        List<MarketEvent> batch = farAhead.without(arrived, this::setAside);
        if (batch.isEmpty()) {
            return;
        }
        Partition at = partitions.get(partition);
        MarketEvent oldest = batch.get(0);
        long arrivedNanos = time.monotonicNanos();
        newestBatchNanos = arrivedNanos;
        List<TracedTrade> traced = traces.of(batch);
        traced.forEach(each -> each.cameToBars(bus));
        try {
            opened.await();
            channels.events(feed, List.copyOf(batch));
            long startNanos = traced.isEmpty() ? 0 : time.epochNanos();
            at.lock.lockInterruptibly();
            try {
                long newest = newestEventNanos;
                for (MarketEvent event : batch) {
                    newest = Math.max(newest, event.eventTimeNanos());
                    if (event.eventTimeNanos() < oldest.eventTimeNanos()) {
                        oldest = event;
                    }
                    if (event instanceof Trade trade) {
                        at.aggregator.add(trade);
                    }
                }
                newestEventNanos = newest;
                MarketEvent last = batch.get(batch.size() - 1);
                newestLagNanos = last.receiveTimeNanos() - last.eventTimeNanos();
                send(at);
            } finally {
                at.lock.unlock();
            }
            traced.forEach(each -> each.aggregated(startNanos));
            tell(at, arrivedNanos, oldest);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PermanentException("interrupted while handing on a batch of " + batch.size() + " events", e);
        }
    }

    private void tell(Partition at, long nowNanos, MarketEvent oldest) {
        if (nowNanos - at.toldNanos >= TELL_NANOS) {
            at.toldNanos = nowNanos;
            listener.onBatch(at.number, oldest);
        }
    }

    private void setAside(MarketEvent event) {
        tooFarAhead.increment();
        listener.onSetAside(event, Outcome.TOO_FAR_AHEAD);
    }

    /** Returns the highest event time so far; 0 before the first. */
    long newestEventNanos() {
        return newestEventNanos;
    }

    /** Returns from the event to its receipt of the newest event. */
    long newestLagNanos() {
        return newestLagNanos;
    }

    /** From here on batches are taken; until then whoever brings one waits. */
    void open() {
        opened.countDown();
    }

    /** Returns when the newest batch came, by the monotonic clock; at first when this was made. */
    long newestBatchNanos() {
        return newestBatchNanos;
    }

    /** Returns how many batches of a partition were handled so far. */
    long handled(int partition) {
        return partitions.get(partition).handled.sum();
    }

    /** Sends open bars as they are now, revised ones, and those that idle time has closed. */
    void tick(long monotonicNanos) throws InterruptedException {
        for (Partition at : partitions) {
            at.lock.lockInterruptibly();
            try {
                at.aggregator.advanceIdle(monotonicNanos);
                at.aggregator.flush();
                send(at);
            } finally {
                at.lock.unlock();
            }
        }
    }

    void restore(int partition, Bar window, List<Bar> base) {
        partitions.get(partition).aggregator.restore(0, window, base);
    }

    /** Takes a trade that the store has already. */
    void replay(int partition, Trade trade) {
        partitions.get(partition).aggregator.add(trade);
    }

    /** Returns how many trades ended so, as of the newest batch or tick: who waits for room holds a partition's lock. */
    long count(Outcome outcome) {
        return partitions.stream()
                .mapToLong(at -> Objects.requireNonNull(at.counts.get(outcome)).get())
                .sum();
    }

    private void send(Partition at) throws InterruptedException {
        at.count();
        if (at.bars.isEmpty()) {
            return;
        }
        List<Bar> bars = List.copyOf(at.bars);
        at.bars.clear();
        List<Bar> toStore = new ArrayList<>();
        for (Bar bar : bars) {
            if (bar.state() != BarState.OPEN) {
                toStore.add(bar);
                (bar.state() == BarState.CLOSED ? closed : revised).increment();
            }
        }
        channels.bars(bars);
        for (BarWriter writer : writers) {
            writer.add(at.number, toStore);
        }
    }
}
