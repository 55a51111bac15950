package io.tsdash.aggregation;

import io.tsdash.model.Interval;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Which windows are built, and how long they may still change.
 *
 * @param intervals the intervals, at least one, all different
 * @param latenessNanos how far behind its symbol's clock a trade may be and still count
 * @param closeDelayNanos how far the clock must be past the end of a window before it is said to be closed
 * @param aheadMaxNanos how far ahead of its receive time an event time may be
 * @param idleTimeoutNanos after how long without a trade the clock of a partition goes on by wall time
 */
record WindowSpec(
        List<Interval> intervals, long latenessNanos, long closeDelayNanos, long aheadMaxNanos, long idleTimeoutNanos) {

    private static final long PANE_MAX_NANOS = 1_000_000_000L;

    WindowSpec {
        intervals = List.copyOf(intervals);
    }

    /**
     * Returns the length of a pane: every window is made of whole panes. At most a second, so that the trades of the
     * panes that may still change are few.
     */
    long paneNanos() {
        long pane = PANE_MAX_NANOS;
        for (Interval interval : intervals) {
            pane = greatestCommonDivisor(pane, interval.gridNanos());
        }
        return pane;
    }

    /** Returns the settings that kept state depends on: it cannot go on with others. */
    String stateSettings() {
        String texts = intervals.stream().map(Interval::text).collect(Collectors.joining(" "));
        return "intervals " + texts + ", lateness " + Duration.ofNanos(latenessNanos);
    }

    private static long greatestCommonDivisor(long a, long b) {
        return b == 0 ? a : greatestCommonDivisor(b, a % b);
    }
}
