package io.tsdash.bus;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.model.MarketEvent;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The bus within one process: for each consumer and partition a ring, filled by publishers under the partition's lock.
 *
 * <p>An event is written to all rings or to none: publishers first wait for space in every ring that makes them wait,
 * and only they take space. No lock is held while a handler runs, and nothing is allocated for an event.
 */
final class InProcessEventBus implements EventBus {
    private static final BusCapabilities CAPABILITIES = new BusCapabilities("in-process", false, false);
    private static final long POLL_NANOS = 20_000;

    private final BusOptions options;
    private final BusListener listener;
    private final TimeSource time;
    private final Partition[] partitions;
    private final ReentrantLock membership = new ReentrantLock();
    // Copied on change: publishers read it for every event.
    private volatile InProcessConsumer[] consumers = {};
    private volatile boolean closed;

    InProcessEventBus(BusOptions options, BusListener listener, TimeSource time) {
        this.options = options;
        this.listener = listener;
        this.time = time;
        this.partitions = new Partition[options.partitions()];
        for (int i = 0; i < partitions.length; i++) {
            partitions[i] = new Partition(i);
        }
    }

    @Override
    public BusCapabilities capabilities() {
        return CAPABILITIES;
    }

    @Override
    public int partitions() {
        return partitions.length;
    }

    @Override
    public int partitionOf(String symbol) {
        int hash = symbol.hashCode();
        return Math.floorMod(hash ^ (hash >>> 16), partitions.length);
    }

    @Override
    public void publish(MarketEvent event) {
        Partition partition = partitions[partitionOf(event.symbol())];
        partition.lock(0, 1);
        try {
            partition.publish(event, 0, 1);
        } finally {
            partition.lock.unlock();
        }
    }

    @Override
    public void publish(List<? extends MarketEvent> batch) {
        int size = batch.size();
        // Runs of one partition go under one lock; with one partition that is the whole batch.
        int i = 0;
        while (i < size) {
            int number = partitionOf(batch.get(i).symbol());
            Partition partition = partitions[number];
            partition.lock(i, size);
            try {
                do {
                    partition.publish(batch.get(i), i, size);
                    i++;
                } while (i < size && partitionOf(batch.get(i).symbol()) == number);
            } finally {
                partition.lock.unlock();
            }
        }
    }

    @Override
    public BusConsumer subscribe(ConsumerOptions consumerOptions, BatchHandler handler) {
        membership.lock();
        try {
            checkOpen();
            if (Arrays.stream(consumers).anyMatch(other -> other.name().equals(consumerOptions.name()))) {
                throw new ConfigurationException(List.of(
                        "name was '" + consumerOptions.name() + "' but it must not be that of another consumer"));
            }
            InProcessConsumer consumer =
                    new InProcessConsumer(consumerOptions, handler, listener, partitions.length, this::remove);
            consumer.start();
            InProcessConsumer[] more = Arrays.copyOf(consumers, consumers.length + 1);
            more[consumers.length] = consumer;
            consumers = more;
            return consumer;
        } finally {
            membership.unlock();
        }
    }

    @Override
    public boolean drain(Duration timeout) {
        long deadlineNanos = time.monotonicNanos() + timeout.toNanos();
        while (Arrays.stream(consumers).anyMatch(consumer -> consumer.running() && consumer.lag() > 0)) {
            if (time.monotonicNanos() - deadlineNanos >= 0
                    || Thread.currentThread().isInterrupted()) {
                return false;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return Arrays.stream(consumers).allMatch(consumer -> consumer.lag() == 0);
    }

    @Override
    public void close() {
        membership.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
        } finally {
            membership.unlock();
        }
        awaitPublishers();
        drain(options.closeTimeout());
        for (InProcessConsumer consumer : consumers) {
            consumer.stop();
        }
    }

    private void remove(InProcessConsumer consumer) {
        membership.lock();
        try {
            consumers =
                    Arrays.stream(consumers).filter(other -> other != consumer).toArray(InProcessConsumer[]::new);
        } finally {
            membership.unlock();
        }
        awaitPublishers();
    }

    /** Returns when every publisher that began before has finished, so that all others see what was changed before. */
    @SuppressWarnings("LockNotBeforeTry") // there is nothing to do under the lock: having had it is all
    private void awaitPublishers() {
        for (Partition partition : partitions) {
            partition.lock.lock();
            partition.lock.unlock();
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new PermanentException("bus is closed");
        }
    }

    /** What publishers of one partition share. */
    private final class Partition {
        private final int number;
        private final ReentrantLock lock = new ReentrantLock();

        Partition(int number) {
            this.number = number;
        }

        void lock(int accepted, int size) {
            if (lock.tryLock()) {
                return;
            }
            try {
                if (lock.tryLock(options.publishTimeout().toNanos(), TimeUnit.NANOSECONDS)) {
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw refused("publisher was interrupted", accepted, size);
            }
            throw refused("other publishers wait for a full consumer", accepted, size);
        }

        void publish(MarketEvent event, int accepted, int size) {
            checkOpen();
            for (InProcessConsumer consumer : consumers) {
                if (consumer.blocks()) {
                    awaitSpace(consumer, accepted, size);
                }
            }
            for (InProcessConsumer consumer : consumers) {
                Lane lane = consumer.lane(number);
                if (consumer.running() && lane.space() > 0) {
                    lane.put(event);
                    consumer.wake(number);
                } else {
                    consumer.drop(number, 1);
                }
            }
        }

        private void awaitSpace(InProcessConsumer consumer, int accepted, int size) {
            Lane lane = consumer.lane(number);
            if (lane.space() > 0 && consumer.running()) {
                return;
            }
            long deadlineNanos =
                    time.monotonicNanos() + options.publishTimeout().toNanos();
            while (true) {
                checkOpen();
                RuntimeException failure = consumer.failure();
                if (failure != null) {
                    throw new PermanentException("consumer '" + consumer.name() + "' has stopped: " + failure, failure);
                }
                if (!consumer.running() || lane.space() > 0) {
                    return;
                }
                if (time.monotonicNanos() - deadlineNanos >= 0) {
                    throw refused(
                            "consumer '" + consumer.name() + "' has " + lane.lag() + " events waiting in partition "
                                    + number + " and was full for " + options.publishTimeout(),
                            accepted,
                            size);
                }
                if (Thread.currentThread().isInterrupted()) {
                    throw refused("publisher was interrupted", accepted, size);
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
        }

        private TransientException refused(String reason, int accepted, int size) {
            return new TransientException(reason + "; " + accepted + " of " + size + " events accepted");
        }
    }
}
