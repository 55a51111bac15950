package io.tsdash.observability;

import io.tsdash.model.MarketEvent;
import io.tsdash.time.TimeSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How far behind each partition of the bus is. As many entries as there are partitions; thread-safe. */
final class PartitionLag {
    private final TimeSource time;
    private final Map<Integer, Read> newest = new ConcurrentHashMap<>();

    /** What was read last, and how old it was then: one or the other is asked for, so each may change by itself. */
    private static final class Read {
        volatile long eventTimeNanos;
        volatile long lagNanos;

        Read(long eventTimeNanos, long lagNanos) {
            this.eventTimeNanos = eventTimeNanos;
            this.lagNanos = lagNanos;
        }
    }

    PartitionLag(TimeSource time) {
        this.time = time;
    }

    /** A batch of the partition is in the channels and the bars. */
    void read(int partition, MarketEvent oldest, long lagNanos) {
        Read read = newest.get(partition);
        if (read == null) {
            newest.put(partition, new Read(oldest.eventTimeNanos(), lagNanos));
        } else {
            read.lagNanos = lagNanos;
            read.eventTimeNanos = oldest.eventTimeNanos();
        }
    }

    /**
     * Returns the age that the newest batch had when it was read; while others wait behind it the age that it has now, so that a
     * partition that stands still does not look well.
     *
     * @param waiting how many events wait, by partition, of those that are read here
     * @return in seconds, NaN for a partition of which nothing was read here
     */
    double seconds(int partition, Map<Integer, Long> waiting) {
        Read read = newest.get(partition);
        Long behind = waiting.get(partition);
        if (read == null || behind == null) {
            return Double.NaN;
        }
        long nanos = behind > 0 ? time.epochNanos() - read.eventTimeNanos : read.lagNanos;
        return Unit.SECONDS.of(Math.max(0, nanos));
    }
}
