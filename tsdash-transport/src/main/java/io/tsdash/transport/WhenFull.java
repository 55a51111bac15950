package io.tsdash.transport;

/** What a publisher of {@link TsdashClient#messages} does when a subscriber has let as many messages wait as may. */
public enum WhenFull {
    /** The message is not handed over, which {@link Received#dropped} tells with the next one. */
    DROP,
    /** The publisher ends with a {@link io.tsdash.error.TransientException}, at once: what waits is not handed over. */
    FAIL
}
