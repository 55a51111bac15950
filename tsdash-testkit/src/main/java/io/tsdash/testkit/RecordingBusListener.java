package io.tsdash.testkit;

import io.tsdash.bus.BusListener;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** Keeps what a bus says beside delivering. Thread-safe. */
public final class RecordingBusListener implements BusListener {
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong skipped = new AtomicLong();
    private final AtomicLong unsent = new AtomicLong();
    private final List<RuntimeException> causes = new CopyOnWriteArrayList<>();
    private final List<String> retries = new CopyOnWriteArrayList<>();
    private final List<String> deadLetters = new CopyOnWriteArrayList<>();
    private final List<String> stops = new CopyOnWriteArrayList<>();

    /** Makes one that has heard nothing. */
    public RecordingBusListener() {}

    /** Returns how many events were dropped, of all consumers. */
    public long dropped() {
        return dropped.get();
    }

    /** Returns how many events were skipped, of all consumers. */
    public long skipped() {
        return skipped.get();
    }

    /** Returns how many events could not be sent. */
    public long unsent() {
        return unsent.get();
    }

    /** Returns why events were skipped or not sent, in the order in which it was told. */
    public List<RuntimeException> causes() {
        return causes;
    }

    /** Returns the consumers that tried again, once for each attempt. */
    public List<String> retries() {
        return retries;
    }

    /** Returns the topics whose records went to the dead letters, once for each. */
    public List<String> deadLetters() {
        return deadLetters;
    }

    /** Returns the consumers that stopped. */
    public List<String> stops() {
        return stops;
    }

    @Override
    public void onDropped(String consumer, int partition, long count) {
        dropped.addAndGet(count);
    }

    @Override
    public void onUnsent(int partition, long count, RuntimeException cause) {
        unsent.addAndGet(count);
        causes.add(cause);
    }

    @Override
    public void onRetry(String consumer, int partition, int attempt, RuntimeException cause) {
        retries.add(consumer);
    }

    @Override
    public void onSkipped(String consumer, int partition, long count, RuntimeException cause) {
        skipped.addAndGet(count);
        causes.add(cause);
    }

    @Override
    public void onDeadLetter(String consumer, String topic, int partition) {
        deadLetters.add(topic);
    }

    @Override
    public void onStopped(String consumer, int partition, RuntimeException cause) {
        stops.add(consumer);
    }
}
