package io.tsdash.influx;

import io.tsdash.influx.InfluxDialect.Policy;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * From which time on each measurement still holds all that was written.
 *
 * <p>What was deleted is kept in the store; of trades also counts what the server drops by itself, as their retention goes on.
 * Thread-safe.
 */
final class KeptFrom {
    static final String MEASUREMENT = "tsdash_kept";

    private final InfluxConnection connection;
    private final Duration tradeRetention;
    private final TimeSource time;
    private final Map<String, Long> deleted = new ConcurrentHashMap<>();

    /** @param tradeRetention after how long the server drops trades; zero for never */
    KeptFrom(InfluxConnection connection, Duration tradeRetention, TimeSource time) {
        this.connection = connection;
        this.tradeRetention = tradeRetention;
        this.time = time;
    }

    /** Reads what earlier deletions have left. */
    void load() {
        connection
                .query(List.of("SELECT last(\"from\") FROM "
                        + connection.dialect().from(Policy.BARS, MEASUREMENT) + " GROUP BY \"of\""))
                .get(0)
                .forEach(series -> deleted.merge(
                        series.tags().getOrDefault("of", ""),
                        Series.whole(series.rows().get(0), 1),
                        Math::max));
    }

    /** Returns the time from which on a measurement is complete; 0 if nothing was ever deleted. */
    long from(String measurement) {
        long from = deleted.getOrDefault(measurement, 0L);
        return measurement.equals(TradePoints.MEASUREMENT) && !tradeRetention.isZero()
                ? Math.max(from, time.epochNanos() - tradeRetention.toNanos())
                : from;
    }

    /** Takes note, before it is deleted, that nothing is complete before this. */
    void raise(String measurement, long nanos) {
        if (nanos > deleted.getOrDefault(measurement, 0L)) {
            LineBuffer lines = new LineBuffer();
            lines.begin(MEASUREMENT)
                    .tag("of", LineBuffer.escaped(measurement))
                    .field("from", nanos)
                    .end(0);
            connection.write(Policy.BARS, lines);
            deleted.merge(measurement, nanos, Math::max);
        }
    }
}
