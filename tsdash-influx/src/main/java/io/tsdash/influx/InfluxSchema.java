package io.tsdash.influx;

import io.tsdash.error.PermanentException;
import io.tsdash.influx.InfluxDialect.Policy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What has to be there before the first point: the database, and in it the schema's version; measurements of our names must
 * have our fields.
 *
 * <p>Each step can be run again, and by several nodes at once.
 */
final class InfluxSchema {
    static final int VERSION = 1;
    static final String MEASUREMENT = "tsdash_schema";

    private static final String FLOAT = "float";
    private static final String INTEGER = "integer";
    private static final long VERSION_TIME_NANOS = 0;

    private final InfluxOptions options;
    private final InfluxConnection connection;

    InfluxSchema(InfluxOptions options, InfluxConnection connection) {
        this.options = options;
        this.connection = connection;
    }

    /** A change: as text for people, and as what does it. */
    record Step(String text, Runnable run) {}

    /** Runs the steps that are missing. */
    void migrate() {
        steps().forEach(step -> step.run().run());
    }

    /** Returns the steps that are missing now, as text. */
    List<String> plan() {
        return steps().stream().map(Step::text).toList();
    }

    private List<Step> steps() {
        ServerSchema server = ServerSchema.of(options, connection);
        List<Step> steps = new ArrayList<>(server.missing());
        boolean isEmpty = !server.hasDatabase() || checkFields();
        Optional<Long> version = server.hasDatabase() ? version() : Optional.empty();
        if (version.isPresent() && version.get() > VERSION) {
            throw new PermanentException(connection.where() + "has tsdash's schema in version " + version.get()
                    + " but this tsdash knows versions up to " + VERSION + ": use a newer one, or another database");
        }
        if (version.isEmpty() && !isEmpty) {
            throw new PermanentException(connection.where() + "has measurements named like tsdash's but not its"
                    + " version in " + MEASUREMENT + ": use another database");
        }
        if (version.isEmpty()) {
            LineBuffer lines = new LineBuffer();
            lines.begin(MEASUREMENT).field("version", VERSION).end(VERSION_TIME_NANOS);
            steps.add(new Step("INSERT " + lines.toString().strip(), () -> connection.write(Policy.BARS, lines)));
        }
        return steps;
    }

    private Optional<Long> version() {
        Series found = connection.rows(
                "SELECT last(\"version\") FROM " + connection.dialect().from(Policy.BARS, MEASUREMENT));
        return found.rows().stream().map(row -> Series.whole(row, 1)).findFirst();
    }

    /** Holds the fields that are there against ours; returns whether none is there. */
    private boolean checkFields() {
        Map<String, Map<String, String>> expected = fields();
        List<String> measurements = List.copyOf(expected.keySet());
        List<List<Series>> answers = connection.query(measurements.stream()
                .map(name -> "SHOW FIELD KEYS FROM " + connection.dialect().from(policy(name), name))
                .toList());
        boolean isEmpty = true;
        for (int i = 0; i < answers.size(); i++) {
            String measurement = measurements.get(i);
            Map<String, String> ours = expected.getOrDefault(measurement, Map.of());
            for (Series series : answers.get(i)) {
                for (@Nullable Object[] row : series.rows()) {
                    String field = Series.text(row, 0);
                    String type = Series.text(row, 1);
                    isEmpty &= measurement.startsWith("tsdash_");
                    if (ours.containsKey(field) && !type.equals(ours.get(field))) {
                        throw new PermanentException(connection.where() + "has a measurement " + measurement
                                + " whose field " + field + " is " + type + " but it must be " + ours.get(field)
                                + ": use another database");
                    }
                }
            }
        }
        return isEmpty;
    }

    private static Policy policy(String measurement) {
        return measurement.equals(TradePoints.MEASUREMENT) || measurement.equals(DirtyBuckets.MEASUREMENT)
                ? Policy.TRADES
                : Policy.BARS;
    }

    private static Map<String, Map<String, String>> fields() {
        Map<String, Map<String, String>> fields = new LinkedHashMap<>();
        fields.put(
                TradePoints.MEASUREMENT,
                types(
                        List.of("price", "volume", "counted_volume", "counted_notional"),
                        List.of("counted", "priced", "flags", "version", "sequence", "event", "received")));
        List<String> numbers = List.of("open", "high", "low", "close", "volume", "notional");
        fields.put(
                BarPoints.MEASUREMENT,
                types(numbers, List.of("close_time", "trades", "first", "last", "revision", "state", "special")));
        for (Level level : Level.values()) {
            fields.put(level.measurement(), types(numbers, List.of("trades", "first", "last", "priced")));
        }
        fields.put(DirtyBuckets.MEASUREMENT, types(List.of(), List.of("at")));
        fields.put(KeptFrom.MEASUREMENT, types(List.of(), List.of("from")));
        fields.put(MEASUREMENT, types(List.of(), List.of("version")));
        return fields;
    }

    private static Map<String, String> types(List<String> floats, List<String> integers) {
        Map<String, String> types = new HashMap<>();
        floats.forEach(name -> types.put(name, FLOAT));
        integers.forEach(name -> types.put(name, INTEGER));
        return types;
    }

    /** The part of the schema that each generation has in its own way. */
    private record ServerSchema(boolean hasDatabase, List<Step> missing) {
        static ServerSchema of(InfluxOptions options, InfluxConnection connection) {
            if (connection.dialect() instanceof InfluxDialect.V2 v2) {
                return BucketSteps.of(options, connection, v2);
            }
            if (connection.dialect() instanceof InfluxDialect.V3 v3) {
                return DatabaseSteps.of(options, connection, v3);
            }
            return PolicySteps.of(options, connection);
        }
    }

    /** 1.x: database and retention policies. */
    private static final class PolicySteps {
        private static final String FOREVER = "0s";

        static ServerSchema of(InfluxOptions options, InfluxConnection connection) {
            String database = "\"" + options.database() + "\"";
            List<String> missing = new ArrayList<>();
            boolean isThere = connection.rows("SHOW DATABASES").rows().stream()
                    .anyMatch(row -> options.database().equals(row[0]));
            Map<String, String> durations = new HashMap<>();
            if (isThere) {
                connection
                        .rows("SHOW RETENTION POLICIES ON " + database)
                        .rows()
                        .forEach(row -> durations.put(Series.text(row, 0), Series.text(row, 1)));
            } else {
                missing.add("CREATE DATABASE " + database);
            }
            for (Policy policy : Policy.values()) {
                Duration keep = policy == Policy.TRADES ? options.tradeRetention() : Duration.ZERO;
                String duration = keep.isZero() ? "INF" : keep.toSeconds() + "s";
                String known = durations.get(policy.text());
                if (known == null) {
                    missing.add("CREATE RETENTION POLICY \"" + policy.text() + "\" ON " + database + " DURATION "
                            + duration + " REPLICATION 1");
                } else if (!length(known).equals(keep)) {
                    // Its shards must not span more than it keeps: 0 has the server choose their length anew.
                    missing.add("ALTER RETENTION POLICY \"" + policy.text() + "\" ON " + database + " DURATION "
                            + duration + " SHARD DURATION 0s");
                }
            }
            missing.addAll(continuousQueries(options, connection, isThere));
            return new ServerSchema(
                    durations.containsKey(Policy.BARS.text()) && durations.containsKey(Policy.TRADES.text()),
                    missing.stream()
                            .map(text -> new Step(text, () -> connection.rows(text)))
                            .toList());
        }

        private static List<String> continuousQueries(
                InfluxOptions options, InfluxConnection connection, boolean isThere) {
            Set<String> known = new HashSet<>();
            if (isThere) {
                for (Series series :
                        connection.query(List.of("SHOW CONTINUOUS QUERIES")).get(0)) {
                    if (series.name().equals(options.database())) {
                        series.rows().forEach(row -> known.add(Series.text(row, 0)));
                    }
                }
            }
            List<String> missing = new ArrayList<>();
            if (options.continuousQueries() && options.precompute()) {
                ContinuousQueries.of(options.database(), connection.dialect()).forEach((name, statement) -> {
                    if (!known.contains(name)) {
                        missing.add(statement);
                    }
                });
            } else {
                ContinuousQueries.names().stream()
                        .filter(known::contains)
                        .forEach(name -> missing.add(
                                "DROP CONTINUOUS QUERY \"" + name + "\" ON \"" + options.database() + "\""));
            }
            return missing;
        }

        /** Reads a length such as {@code 168h0m0s}. */
        private static Duration length(String text) {
            return text.equals(FOREVER) ? Duration.ZERO : Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
        }
    }

    /** 2.x: the bucket. */
    private static final class BucketSteps {
        static ServerSchema of(InfluxOptions options, InfluxConnection connection, InfluxDialect.V2 dialect) {
            boolean isThere = ApiAnswer.texts(connection.found(dialect.bucketAddress()), "name", 2)
                    .contains(options.database());
            if (isThere) {
                return new ServerSchema(true, List.of());
            }
            String text = "{\"orgID\":\"%s\",\"name\":\"" + options.database() + "\",\"retentionRules\":["
                    + (options.tradeRetention().isZero()
                            ? ""
                            : "{\"type\":\"expire\",\"everySeconds\":"
                                    + options.tradeRetention().toSeconds() + "}")
                    + "]}";
            Step make = new Step("POST /api/v2/buckets " + text.formatted("…"), () -> {
                List<String> ids = ApiAnswer.texts(connection.found(dialect.organisationAddress()), "id", 2);
                if (ids.isEmpty()) {
                    throw new PermanentException(connection.where() + "knows no organisation '" + options.organisation()
                            + "', or does not show it to this token");
                }
                connection.make(dialect.bucketsAddress(), text.formatted(ids.get(0)));
            });
            return new ServerSchema(false, List.of(make));
        }
    }

    /** 3.x: the database. */
    private static final class DatabaseSteps {
        static ServerSchema of(InfluxOptions options, InfluxConnection connection, InfluxDialect.V3 dialect) {
            boolean isThere = ApiAnswer.texts(connection.found(dialect.databasesAddress()), "iox::database", 1)
                    .contains(options.database());
            if (isThere) {
                return new ServerSchema(true, List.of());
            }
            String text = "{\"db\":\"" + options.database() + "\""
                    + (options.tradeRetention().isZero()
                            ? ""
                            : ",\"retention_period\":\""
                                    + options.tradeRetention().toSeconds() + "s\"")
                    + "}";
            return new ServerSchema(
                    false,
                    List.of(new Step(
                            "POST /api/v3/configure/database " + text,
                            () -> connection.make(dialect.databaseAddress(), text))));
        }
    }
}
