package io.tsdash.clickhouse;

import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.time.TimeSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notes in the store of when all that this writer wrote before is whole: in the trades and in the bars.
 *
 * <p>One is written every few seconds while trades are, and at the end. Who finds a note older than trades of the same
 * writer knows that it was killed, and which bars may be wrong. Times are the server's. Thread-safe.
 */
final class WriterMarks {
    private static final Logger LOG = LoggerFactory.getLogger(WriterMarks.class);
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** For clocks of nodes that differ. */
    private static final long CLUSTER_MARGIN_MILLIS = 5_000;

    private final Connection server;
    private final String writer;
    private final int number;
    private final long marginMillis;
    private final TimeSource time;
    private final Map<Long, Long> running = new ConcurrentHashMap<>();
    private final AtomicLong ids = new AtomicLong();
    private final AtomicLong lastMarkNanos = new AtomicLong(Long.MIN_VALUE);
    private volatile boolean known;

    WriterMarks(Connection server, ClickHouseOptions options, TimeSource time) {
        this.server = server;
        this.writer = options.writer();
        this.number = Generations.numberOf(writer);
        this.marginMillis = options.clustered() ? CLUSTER_MARGIN_MILLIS : 0;
        this.time = time;
    }

    /**
     * Finds the bars that this writer may have left half written.
     *
     * @throws PermanentException if another writer's name has the same number
     */
    Windows unfinished() {
        long untilMillis = server.query(
                "SELECT writer, toInt64(number), max(complete_until) FROM " + Tables.MARKS + " GROUP BY writer, number",
                Map.of(),
                rows -> {
                    long until = -1;
                    while (rows.next()) {
                        String name = rows.string();
                        long other = rows.int64();
                        long complete = rows.int64();
                        if (name.equals(writer)) {
                            until = complete;
                        } else if (other == number) {
                            throw new PermanentException(
                                    "writer was '" + writer + "' but it must be another name: its number, " + number
                                            + ", is that of writer '" + name + "'");
                        }
                    }
                    return until;
                });
        Windows unfinished = new Windows();
        if (untilMillis < 0) {
            return unfinished; // it has not written yet: its first note comes before its first trade
        }
        known = true;
        return server.query(
                "SELECT toString(symbol) AS name, toInt64(intDiv(toUnixTimestamp64Nano(ts), "
                        + Level.finest().sizeNanos() + ")) AS minute FROM " + Tables.TRADES
                        + " WHERE written >= fromUnixTimestamp64Milli(toInt64(" + untilMillis
                        + "), 'UTC') AND bitAnd(abs(generation), " + Generations.WRITER_MASK + ") = " + number
                        + " GROUP BY name, minute",
                Map.of(),
                rows -> {
                    while (rows.next()) {
                        unfinished.add(
                                rows.string(), rows.int64() * Level.finest().sizeNanos());
                    }
                    return unfinished;
                });
    }

    /** Takes note of a write that begins; returns what to end it with. */
    long begin() {
        if (!known) {
            mark();
            known = true;
        }
        long id = ids.incrementAndGet();
        running.put(id, time.monotonicNanos());
        return id;
    }

    /** Takes note that a write has ended, well or badly. */
    void end(long id) {
        running.remove(id);
    }

    /** Writes a note down if the last one is some seconds old; a failure is no failure of the write. */
    void markIfDue() {
        long now = time.monotonicNanos();
        long last = lastMarkNanos.get();
        boolean early = last != Long.MIN_VALUE && now - last < INTERVAL_NANOS;
        if (early || !lastMarkNanos.compareAndSet(last, now)) {
            return;
        }
        try {
            mark();
        } catch (TransientException | PermanentException e) {
            // More is looked through after a crash; nothing else depends on it.
            LOG.warn("a note of what is written could not be written: {}", e.getMessage());
        }
    }

    /** Returns whether this writer has written since it was opened. */
    boolean hasWritten() {
        return ids.get() > 0;
    }

    /** Writes a note down: up to the server's time before we asked for it, and before the oldest write that still runs. */
    void mark() {
        long asked = time.monotonicNanos();
        long oldest = running.values().stream()
                .mapToLong(begun -> asked - begun)
                .max()
                .orElse(0);
        long serverMillis = server.query(
                "SELECT toUnixTimestamp64Milli(now64(3))", Map.of(), rows -> rows.next() ? rows.int64() : 0);
        long agoMillis = TimeUnit.NANOSECONDS.toMillis(time.monotonicNanos() - asked + oldest) + marginMillis;
        server.execute("INSERT INTO " + Tables.MARKS + " (writer, number, complete_until) SELECT " + Sql.text(writer)
                + ", " + number + ", fromUnixTimestamp64Milli(toInt64(" + (serverMillis - agoMillis) + "), 'UTC')");
    }
}
