package io.tsdash.resilience;

/** Counts how the latest calls went. Thread-safe. */
interface OutcomeWindow {

    /** Counts a call. */
    void record(Outcome outcome, long nowNanos);

    /** Returns what it holds. */
    Counts counts(long nowNanos);

    /** Calls, and how many of them failed and were slow. */
    record Counts(long calls, long failed, long slow) {}
}
