package io.tsdash.transport;

import java.util.concurrent.ThreadLocalRandom;

/** The pause before the next attempt to connect: twice as long each time, and partly random. One thread at a time. */
final class RetryPause {
    private static final long FIRST_MILLIS = 100;
    private static final long MILLIS_MAX = 10_000;

    private long millis = FIRST_MILLIS;

    /** Returns how long to wait now; the next time it is longer. */
    long nextMillis() {
        // Half of the pause is random, so that clients of a server that restarts do not come back all at once.
        long pause = millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2 + 1);
        millis = Math.min(MILLIS_MAX, 2 * millis);
        return pause;
    }

    /** Begins anew, after an attempt that succeeded. */
    void reset() {
        millis = FIRST_MILLIS;
    }
}
