package io.tsdash.kafka;

import io.tsdash.bus.BusListener;
import io.tsdash.bus.ConsumerOptions;
import io.tsdash.bus.FailurePolicy;
import io.tsdash.error.TransientException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that hands batches to the handler: those of the partitions whose number leaves its index as remainder.
 *
 * <p>A record that cannot be read, or on which the handler fails for good, goes to the dead letters before the partition
 * goes on; while those take nothing, the partition waits.
 */
final class LaneWorker<T> implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(LaneWorker.class);
    private static final long BACKOFF_NANOS_MIN = 10_000_000;
    private static final long BACKOFF_NANOS_MAX = 1_000_000_000;
    private static final long SLEEP_NANOS = 100_000_000;

    private final TopicConsumer<T> consumer;
    private final ConsumerOptions options;
    private final BusListener listener;
    private final int index;
    private final int workers;
    private final Thread thread;

    /** One record that is not for the handler, and why. */
    private record Letter(ConsumerRecord<byte[], byte[]> record, RuntimeException reason) {}

    LaneWorker(TopicConsumer<T> consumer, int index, int workers) {
        this.consumer = consumer;
        this.options = consumer.options();
        this.listener = consumer.surroundings().listener();
        this.index = index;
        this.workers = workers;
        thread = new Thread(this, "tsdash-bus-" + options.name() + (workers > 1 ? "-" + index : ""));
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    void wake() {
        LockSupport.unpark(thread);
    }

    /** Waits for its end, then interrupts the handler; returns whether it has ended. */
    boolean stop(long millis) {
        wake();
        try {
            thread.join(millis);
            if (thread.isAlive()) {
                thread.interrupt();
                thread.join(millis);
            }
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    @Override
    public void run() {
        while (consumer.running()) {
            if (serve() == 0) {
                LockSupport.parkNanos(this, SLEEP_NANOS);
            }
        }
    }

    private int serve() {
        int served = 0;
        for (RecordLane<T> lane : consumer.lanes()) {
            if (lane.partition().partition() % workers != index || !consumer.running()) {
                continue;
            }
            List<Polled<T>> batch = lane.take(options.batchMax());
            if (batch.isEmpty()) {
                continue;
            }
            if (handle(lane, batch)) {
                lane.acknowledge(batch.get(batch.size() - 1).offset() + 1);
                served += batch.size();
                if (lane.isHalfEmpty()) {
                    consumer.wakePoller();
                }
            } else {
                lane.abandon();
            }
        }
        return served;
    }

    /** Returns whether the batch is done with: handled, or among the dead letters. */
    private boolean handle(RecordLane<T> lane, List<Polled<T>> batch) {
        List<T> readable = new ArrayList<>(batch.size());
        List<Letter> letters = new ArrayList<>();
        for (Polled<T> polled : batch) {
            T value = polled.value();
            if (value != null) {
                readable.add(value);
            } else {
                letters.add(new Letter(polled.record(), Objects.requireNonNull(polled.refusal())));
            }
        }
        return setAside(lane, letters) && (readable.isEmpty() || deliver(lane, batch, readable));
    }

    private boolean deliver(RecordLane<T> lane, List<Polled<T>> batch, List<T> readable) {
        int partition = lane.partition().partition();
        int attempt = 1;
        long backoffNanos = BACKOFF_NANOS_MIN;
        while (consumer.running() && !lane.ended()) {
            try {
                consumer.sink().onBatch(partition, readable);
                consumer.acknowledged(readable.size());
                return true;
            } catch (TransientException e) {
                listener.onRetry(options.name(), partition, attempt, e);
                LockSupport.parkNanos(this, backoffNanos);
                backoffNanos = Math.min(2 * backoffNanos, BACKOFF_NANOS_MAX);
                attempt++;
            } catch (RuntimeException e) {
                if (options.failure() == FailurePolicy.STOP) {
                    consumer.fail(partition, e);
                    return false;
                }
                return skip(lane, batch, e);
            }
        }
        return false;
    }

    private boolean skip(RecordLane<T> lane, List<Polled<T>> batch, RuntimeException cause) {
        LOG.warn(
                "consumer '{}' skips up to {} records of {} from {}",
                options.name(),
                batch.size(),
                lane.partition(),
                batch.get(0).offset(),
                cause);
        List<Letter> letters = new ArrayList<>();
        for (Polled<T> polled : batch) {
            if (polled.value() != null) { // the others are there already
                letters.add(new Letter(polled.record(), cause));
            }
        }
        return setAside(lane, letters);
    }

    /** Returns whether all are among the dead letters: tried until they are, or until this node has the partition no more. */
    private boolean setAside(RecordLane<T> lane, List<Letter> letters) {
        if (letters.isEmpty()) {
            return true;
        }
        int partition = lane.partition().partition();
        DeadLetters deadLetters = consumer.surroundings().deadLetters();
        int written = 0;
        int attempt = 1;
        long backoffNanos = BACKOFF_NANOS_MIN;
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        while (consumer.running() && !lane.ended()) {
            try {
                for (int i = written + sent.size(); i < letters.size(); i++) {
                    Letter letter = letters.get(i);
                    sent.add(deadLetters.send(options.name(), letter.record, letter.reason));
                }
                while (!sent.isEmpty()) {
                    deadLetters.await(sent.get(0));
                    sent.remove(0);
                    listener.onDeadLetter(
                            options.name(), letters.get(written).record.topic(), partition);
                    consumer.skip(partition, 1, letters.get(written).reason);
                    written++;
                }
                return true;
            } catch (TransientException e) {
                listener.onRetry(options.name(), partition, attempt, e);
                // What is still on its way is waited for again; what could not even begin, without a leader, is sent
                // again.
                if (sent.get(0).isDone()) {
                    sent.clear();
                }
            } catch (RuntimeException e) {
                // Refused: without it the record would be lost, so the partition waits until someone has seen to it.
                LOG.error("consumer '{}' cannot set a record of {} aside", options.name(), lane.partition(), e);
                listener.onRetry(options.name(), partition, attempt, e);
                sent.clear();
            }
            LockSupport.parkNanos(this, backoffNanos);
            backoffNanos = Math.min(2 * backoffNanos, BACKOFF_NANOS_MAX);
            attempt++;
        }
        return false;
    }
}
