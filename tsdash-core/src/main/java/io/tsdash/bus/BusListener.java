package io.tsdash.bus;

/** Hears what a bus does beside delivering. Called from the bus's and the publishers' threads; must not block. */
public interface BusListener {

    /** Events were lost to a consumer: it was full, or closed before it had acknowledged them. */
    void onDropped(String consumer, int partition, long count);

    /**
     * Events that a bus between processes had taken from publishers could not be sent, for good: no consumer gets them. The
     * next publish says so too.
     */
    void onUnsent(int partition, long count, RuntimeException cause);

    /** A handler failed in passing; the batch comes again. */
    void onRetry(String consumer, int partition, int attempt, RuntimeException cause);

    /** A handler failed for good and its batch was skipped. */
    void onSkipped(String consumer, int partition, long count, RuntimeException cause);

    /**
     * A record that a consumer could not use was put among the dead letters of a bus that keeps them; it was skipped as well.
     *
     * @param topic where it came from
     */
    default void onDeadLetter(String consumer, String topic, int partition) {}

    /** A handler failed for good and its consumer stopped. */
    void onStopped(String consumer, int partition, RuntimeException cause);
}
