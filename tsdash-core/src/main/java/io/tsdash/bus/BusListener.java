package io.tsdash.bus;

/** Hears what a bus does beside delivering. Called from the bus's and the publishers' threads; must not block. */
public interface BusListener {

    /** Events were lost to a consumer: it was full, or closed before it had acknowledged them. */
    void onDropped(String consumer, int partition, long count);

    /** A handler failed in passing; the batch comes again. */
    void onRetry(String consumer, int partition, int attempt, RuntimeException cause);

    /** A handler failed for good and its batch was skipped. */
    void onSkipped(String consumer, int partition, long count, RuntimeException cause);

    /** A handler failed for good and its consumer stopped. */
    void onStopped(String consumer, int partition, RuntimeException cause);
}
