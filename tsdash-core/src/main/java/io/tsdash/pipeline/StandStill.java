package io.tsdash.pipeline;

import java.util.HashMap;
import java.util.Map;
import java.util.function.IntToLongFunction;

/** Notices that events of a partition wait and none is handled. One thread looks; thread-safe else. */
final class StandStill {
    private record Seen(long handled, long sinceNanos) {}

    private final Map<Integer, Seen> seen = new HashMap<>(); // of who looks
    private volatile long nanos;

    /**
     * Looks how far the partitions have come.
     *
     * @param waiting how many events wait, by partition
     * @param handled how many batches of a partition were handled so far
     */
    void look(Map<Integer, Long> waiting, IntToLongFunction handled, long nowNanos) {
        seen.keySet().retainAll(waiting.keySet());
        long longest = 0;
        for (Map.Entry<Integer, Long> each : waiting.entrySet()) {
            long count = handled.applyAsLong(each.getKey());
            Seen before = seen.get(each.getKey());
            if (before == null || each.getValue() == 0 || before.handled() != count) {
                seen.put(each.getKey(), new Seen(count, nowNanos));
            } else {
                longest = Math.max(longest, nowNanos - before.sinceNanos());
            }
        }
        nanos = longest;
    }

    /** Returns for how long a partition had stood still at the last look; 0 when none did. */
    long nanos() {
        return nanos;
    }
}
