package io.tsdash.resilience;

/** Learns what a {@link Bulkhead} or {@link TimeLimiter} kept away or ended. Called by any thread; must not block or throw. */
public interface GuardListener {

    /**
     * A call was not made.
     *
     * @param guard its name
     * @param why as the caller was told
     */
    default void refused(String guard, String why) {}

    /**
     * A call took too long and was given up.
     *
     * @param guard its name
     */
    default void timedOut(String guard) {}

    /** Returns a listener that does nothing. */
    static GuardListener none() {
        return new GuardListener() {};
    }
}
