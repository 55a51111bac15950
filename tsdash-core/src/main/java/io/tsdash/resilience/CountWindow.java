package io.tsdash.resilience;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The last so many calls, in a ring.
 *
 * <p>A call takes the next place, puts its outcome there and adds the difference to what was there before to the sums, which are
 * one number; so the sums always are those of the ring. A success into a ring full of successes changes nothing and
 * writes nothing: healthy calls cost a volatile read, and threads do not get into each other's way. While a thread is between
 * its place and its outcome, the place still holds what was there before.
 */
final class CountWindow implements OutcomeWindow {
    static final int CALLS_MAX = 1_000_000;

    private static final int BITS = 21;
    private static final long MASK = (1L << BITS) - 1;
    private static final long CALL = 1;
    private static final long FAILED = 1L << BITS;
    private static final long SLOW = 1L << (2 * BITS);
    /** What each content of a place adds to the sums: nothing, then as {@link Outcome} numbers them. */
    private static final long[] WEIGHTS = {0, CALL, CALL + FAILED, CALL + SLOW, CALL + FAILED + SLOW};

    private final AtomicIntegerArray ring;
    private final AtomicLong next = new AtomicLong();
    private final AtomicLong sums = new AtomicLong();
    private final long allWell;

    CountWindow(int calls) {
        ring = new AtomicIntegerArray(calls);
        allWell = calls * CALL;
    }

    @Override
    public void record(Outcome outcome, long nowNanos) {
        if (outcome == Outcome.OK && sums.get() == allWell) {
            return;
        }
        int place = (int) (next.getAndIncrement() % ring.length());
        int content = outcome.number;
        int before = ring.getAndSet(place, content);
        if (before != content) {
            sums.addAndGet(WEIGHTS[content] - WEIGHTS[before]);
        }
    }

    @Override
    public Counts counts(long nowNanos) {
        long now = sums.get();
        return new Counts(now & MASK, (now >> BITS) & MASK, now >> (2 * BITS));
    }
}
