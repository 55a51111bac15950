package io.tsdash.resilience;

/** How a call went, as a window counts it. */
enum Outcome {
    OK(1),
    FAILED(2),
    SLOW(3),
    FAILED_SLOWLY(4);

    /** How many there are. */
    static final int KINDS = 4;

    /** Its number in a window, from 1. */
    final int number;

    Outcome(int number) {
        this.number = number;
    }

    static Outcome of(boolean failed, boolean slow) {
        return failed ? (slow ? FAILED_SLOWLY : FAILED) : slow ? SLOW : OK;
    }
}
