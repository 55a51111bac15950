package io.tsdash.bus;

import io.tsdash.error.TransientException;
import io.tsdash.model.MarketEvent;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The threads of one consumer and the lanes they serve. */
final class InProcessConsumer implements BusConsumer {
    private static final Logger LOG = LoggerFactory.getLogger(InProcessConsumer.class);
    private static final long BACKOFF_NANOS_MIN = 10_000_000;
    private static final long BACKOFF_NANOS_MAX = 1_000_000_000;

    // A consumer that ran dry naps before it asks to be woken, as waking costs its publisher microseconds.
    private static final long NAP_NANOS = 50_000;
    private static final int NAPS = 4;
    private static final long SLEEP_NANOS = 100_000_000;
    private static final long JOIN_MILLIS = 1_000;

    private final ConsumerOptions options;
    private final BatchHandler handler;
    private final BusListener listener;
    private final Runnable leave;
    private final Lane[] lanes;
    private final Worker[] workers;
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong skipped = new AtomicLong();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private volatile boolean closing;
    private volatile @Nullable RuntimeException failure;

    InProcessConsumer(
            ConsumerOptions options,
            BatchHandler handler,
            BusListener listener,
            int partitions,
            Consumer<InProcessConsumer> leave) {
        this.options = options;
        this.handler = handler;
        this.listener = listener;
        this.leave = () -> leave.accept(this);
        lanes = new Lane[partitions];
        for (int i = 0; i < partitions; i++) {
            lanes[i] = new Lane(options.capacity());
        }
        workers = new Worker[Math.min(options.threads(), partitions)];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker(i);
        }
    }

    void start() {
        for (Worker worker : workers) {
            worker.thread.start();
        }
    }

    boolean blocks() {
        return options.overflow() == OverflowPolicy.BLOCK;
    }

    /** Returns what stopped it, or null. */
    @Nullable
    RuntimeException failure() {
        return failure;
    }

    Lane lane(int partition) {
        return lanes[partition];
    }

    void wake(int partition) {
        Worker worker = workers[partition % workers.length];
        if (worker.asleep) {
            LockSupport.unpark(worker.thread);
        }
    }

    void drop(int partition, long count) {
        dropped.addAndGet(count);
        listener.onDropped(options.name(), partition, count);
    }

    @Override
    public String name() {
        return options.name();
    }

    @Override
    public long lag() {
        long lag = 0;
        for (Lane lane : lanes) {
            lag += lane.lag();
        }
        return lag;
    }

    @Override
    public Map<Integer, Long> lagByPartition() {
        Map<Integer, Long> lags = new HashMap<>();
        for (int partition = 0; partition < lanes.length; partition++) {
            lags.put(partition, lanes[partition].lag());
        }
        return lags;
    }

    @Override
    public long acknowledged() {
        return acknowledged.get();
    }

    @Override
    public long dropped() {
        return dropped.get();
    }

    @Override
    public long skipped() {
        return skipped.get();
    }

    @Override
    public boolean running() {
        return !closing && failure == null;
    }

    @Override
    public void close() {
        // First, so that a publisher who waits for space here goes on.
        closing = true;
        leave.run();
        stop();
    }

    /** Ends its threads; what waits is dropped and told. Called once no publisher adds to it. */
    void stop() {
        closing = true;
        for (Worker worker : workers) {
            worker.join();
        }
        if (!stopped.compareAndSet(false, true)) {
            return;
        }
        for (int partition = 0; partition < lanes.length; partition++) {
            long left = lanes[partition].lag();
            if (left > 0) {
                drop(partition, left);
            }
        }
    }

    /** One thread, and the partitions whose number leaves its index as remainder. */
    private final class Worker implements Runnable {
        private final int index;
        private final Thread thread;
        private volatile boolean asleep;

        Worker(int index) {
            this.index = index;
            this.thread = new Thread(this, "tsdash-bus-" + options.name() + (workers.length > 1 ? "-" + index : ""));
            this.thread.setDaemon(true);
        }

        @Override
        public void run() {
            int idle = 0;
            while (running()) {
                if (serve() > 0) {
                    idle = 0;
                } else if (idle < NAPS) {
                    idle++;
                    LockSupport.parkNanos(NAP_NANOS);
                } else {
                    sleep();
                }
            }
        }

        void join() {
            if (thread == Thread.currentThread()) {
                return;
            }
            LockSupport.unpark(thread);
            try {
                thread.join(JOIN_MILLIS);
                if (thread.isAlive()) {
                    thread.interrupt();
                    thread.join(JOIN_MILLIS);
                }
            } catch (InterruptedException e) {
                thread.interrupt();
                Thread.currentThread().interrupt();
            }
            if (thread.isAlive()) {
                LOG.warn("consumer '{}' did not stop: its handler still runs", options.name());
            }
        }

        private int serve() {
            int served = 0;
            for (int partition = index; partition < lanes.length && running(); partition += workers.length) {
                List<MarketEvent> batch = lanes[partition].waiting(options.batchMax());
                if (!batch.isEmpty() && handle(partition, batch)) {
                    lanes[partition].acknowledge(batch.size());
                    served += batch.size();
                }
            }
            return served;
        }

        /** Returns whether the batch is done with: handled or skipped. */
        private boolean handle(int partition, List<MarketEvent> batch) {
            int attempt = 1;
            long backoffNanos = BACKOFF_NANOS_MIN;
            while (running()) {
                try {
                    handler.onBatch(partition, batch);
                    acknowledged.addAndGet(batch.size());
                    return true;
                } catch (TransientException e) {
                    listener.onRetry(options.name(), partition, attempt, e);
                    LockSupport.parkNanos(backoffNanos);
                    backoffNanos = Math.min(2 * backoffNanos, BACKOFF_NANOS_MAX);
                    attempt++;
                } catch (RuntimeException e) {
                    return failed(partition, batch, e);
                }
            }
            return false;
        }

        private boolean failed(int partition, List<MarketEvent> batch, RuntimeException cause) {
            if (options.failure() == FailurePolicy.SKIP) {
                LOG.warn(
                        "consumer '{}' skips {} events of partition {}",
                        options.name(),
                        batch.size(),
                        partition,
                        cause);
                skipped.addAndGet(batch.size());
                listener.onSkipped(options.name(), partition, batch.size(), cause);
                return true;
            }
            LOG.error("consumer '{}' stops", options.name(), cause);
            failure = cause;
            listener.onStopped(options.name(), partition, cause);
            return false;
        }

        private void sleep() {
            asleep = true;
            // After the flag is up: a publisher that did not see it has published before this look.
            if (!anyWaiting() && running()) {
                LockSupport.parkNanos(SLEEP_NANOS);
            }
            asleep = false;
        }

        private boolean anyWaiting() {
            for (int partition = index; partition < lanes.length; partition += workers.length) {
                if (lanes[partition].lag() > 0) {
                    return true;
                }
            }
            return false;
        }
    }
}
