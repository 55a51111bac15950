package io.tsdash.influx;

import io.tsdash.influx.InfluxDialect.Policy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** From which time on each measurement still holds all that was written; kept in the store. Thread-safe. */
final class KeptFrom {
    static final String MEASUREMENT = "tsdash_kept";

    private final InfluxConnection connection;
    private final Map<String, Long> from = new ConcurrentHashMap<>();

    KeptFrom(InfluxConnection connection) {
        this.connection = connection;
    }

    /** Reads what earlier deletions have left. */
    void load() {
        connection
                .query(java.util.List.of("SELECT last(\"from\") FROM "
                        + connection.dialect().from(Policy.BARS, MEASUREMENT) + " GROUP BY \"of\""))
                .get(0)
                .forEach(series -> from.merge(
                        series.tags().getOrDefault("of", ""),
                        Series.whole(series.rows().get(0), 1),
                        Math::max));
    }

    /** Returns the time from which on a measurement is complete; 0 if nothing was ever deleted. */
    long from(String measurement) {
        return from.getOrDefault(measurement, 0L);
    }

    /** Takes note, before it is deleted, that nothing is complete before this. */
    void raise(String measurement, long nanos) {
        if (nanos > from(measurement)) {
            LineBuffer lines = new LineBuffer();
            lines.begin(MEASUREMENT)
                    .tag("of", LineBuffer.escaped(measurement))
                    .field("from", nanos)
                    .end(0);
            connection.write(Policy.BARS, lines);
            from.merge(measurement, nanos, Math::max);
        }
    }
}
