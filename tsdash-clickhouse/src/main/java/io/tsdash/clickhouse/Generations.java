package io.tsdash.clickhouse;

import io.tsdash.time.TimeSource;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;

/**
 * Numbers that rise, also over restarts, and say which writer drew them.
 *
 * <p>The upper bits follow the clock in milliseconds and never fall back; the lower {@value #WRITER_BITS} are the writer's.
 * Thread-safe.
 */
final class Generations {
    static final int WRITER_BITS = 12;
    static final int WRITER_MASK = (1 << WRITER_BITS) - 1;
    /** SQL for one that no bar has which is in the store now, as far as clocks agree. */
    static final String NOW = "toUnixTimestamp64Milli(now64(3)) * " + (1 << WRITER_BITS);

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final int writer;
    private final TimeSource time;
    private final AtomicLong rank;

    Generations(String writer, TimeSource time) {
        this.writer = numberOf(writer);
        this.time = time;
        this.rank = new AtomicLong(time.epochNanos() / NANOS_PER_MILLI);
    }

    /** Returns the number of a writer of this name; two names rarely share one. */
    static int numberOf(String writer) {
        CRC32 crc = new CRC32();
        crc.update(writer.getBytes(StandardCharsets.UTF_8));
        return (int) crc.getValue() & WRITER_MASK;
    }

    /** Returns the one that new trades belong to. */
    long current() {
        return rank.get() << WRITER_BITS | writer;
    }

    /** Returns one that is above all before it, and makes it the current one. */
    long next() {
        long now = time.epochNanos() / NANOS_PER_MILLI;
        return rank.updateAndGet(old -> Math.max(old + 1, now)) << WRITER_BITS | writer;
    }

    /** Makes sure that the current one is not below one that is in the store. */
    void atLeast(long generation) {
        if (generation > current()) {
            rank.accumulateAndGet((generation >> WRITER_BITS) + 1, Math::max);
        }
    }
}
