package io.tsdash.kafka.streams;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.InvalidInputException;
import io.tsdash.kafka.format.Format;
import io.tsdash.kafka.format.JsonMapping;
import io.tsdash.model.Interval;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The command line of {@link AggregationApp}, read and checked at once. */
final class AppOptions {
    static final String HELP = """
            Builds bars from the trades in a Kafka topic, exactly once. Start as many as you like: they share the work.

            usage: AggregationApp [options]
              --servers A,B            addresses of brokers (localhost:9092)
              --application-id NAME    what all instances share (tsdash-aggregation)
              --input TOPIC            topic of trades, their key the symbol (trades)
              --format FORM            of records without a tsdash-format header: protobuf, json, msgpack (protobuf)
              --mapping MAPPING        reads your own JSON: symbol=s,time=T,timeUnit=ms,sequence=t,price=p,volume=q
              --output-format FORM     protobuf, json, msgpack (protobuf)
              --intervals 1s,1m        bars, each in topic aggregates-1s and so on (1s,1m,5m,1h)
              --profiles 1m:0.5        volume profiles: interval and height of a level, in topic profiles-1m (none)
              --averages 30s           rolling averages, in topic averages (none)
              --lateness 5s            how late a trade may be and still change its bar (5s)
              --close-delay 0s         how long to wait before a bar is said to be closed (0s)
              --idle-timeout 1s        after how long a quiet partition's bars are closed by the wall clock (1s)
              --flush-interval 250ms   how often open bars are sent (250ms)
              --commit-interval 100ms  how often input, state and output are committed (100ms)
              --threads N              threads of this instance (1)
              --state FOLDER           where Kafka Streams keeps its files (its own folder in the temporary one)
              --retention 24h          of the output topics that it makes (24h)
              --replication N          of the output topics that it makes; -1: the brokers' default (-1)
              --property NAME=VALUE    any setting of Kafka Streams or its clients, such as those for security
              --help                   this text
            """;

    final AggregationTopologyBuilder topology = AggregationTopology.builder();
    final Map<String, Object> properties = new HashMap<>();
    String servers = "localhost:9092";
    String applicationId = "tsdash-aggregation";
    Duration retention = Duration.ofHours(24);
    short replication = -1;
    boolean help;

    private final List<String> problems = new ArrayList<>();

    /** @throws ConfigurationException with everything that is wrong */
    static AppOptions parse(String... arguments) {
        AppOptions options = new AppOptions();
        for (int i = 0; i < arguments.length; i++) {
            String option = arguments[i];
            if (option.equals("--help")) {
                options.help = true;
            } else if (i + 1 == arguments.length) {
                options.problems.add(option + " had no value but it must have one; see --help");
            } else {
                options.set(option, arguments[++i]);
            }
        }
        if (!options.problems.isEmpty()) {
            throw new ConfigurationException(options.problems);
        }
        return options;
    }

    private void set(String option, String value) {
        try {
            switch (option) {
                case "--servers" -> servers = value;
                case "--application-id" -> applicationId = value;
                case "--input" -> topology.input(value);
                case "--format" -> topology.inputFormat(Format.parse(value));
                case "--mapping" -> topology.inputMapping(JsonMapping.parse(value));
                case "--output-format" -> topology.outputFormat(Format.parse(value));
                case "--intervals" ->
                    topology.intervals(Arrays.stream(value.split(",", -1))
                            .map(Interval::parse)
                            .toArray(Interval[]::new));
                case "--profiles" -> profiles(value);
                case "--averages" -> topology.averages(duration(value));
                case "--lateness" -> topology.lateness(duration(value));
                case "--close-delay" -> topology.closeDelay(duration(value));
                case "--idle-timeout" -> topology.idleTimeout(duration(value));
                case "--flush-interval" -> topology.flushInterval(duration(value));
                case "--commit-interval" ->
                    properties.put(
                            "commit.interval.ms",
                            Math.toIntExact(duration(value).toMillis()));
                case "--threads" -> properties.put("num.stream.threads", Integer.parseInt(value));
                case "--state" -> properties.put("state.dir", value);
                case "--retention" -> retention = duration(value);
                case "--replication" -> replication = Short.parseShort(value);
                case "--property" -> property(value);
                default -> problems.add("option was '" + option + "' but there is no such option; see --help");
            }
        } catch (ConfigurationException e) {
            e.problems().forEach(problem -> problems.add(option + ": " + problem));
        } catch (InvalidInputException e) {
            problems.add(option + ": " + e.getMessage());
        } catch (NumberFormatException | ArithmeticException e) {
            problems.add(option + " was '" + value + "' but it must be a whole number");
        }
    }

    private void profiles(String value) {
        int colon = value.lastIndexOf(':');
        if (colon < 0) {
            throw InvalidInputException.of("value", value, "must be interval:step, such as 1m:0.5");
        }
        try {
            topology.profiles(
                    Interval.parse(value.substring(0, colon)), Double.parseDouble(value.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw new InvalidInputException("value was '" + value + "' but its step must be a number");
        }
    }

    private void property(String value) {
        int equals = value.indexOf('=');
        if (equals <= 0) {
            throw InvalidInputException.of("value", value, "must be NAME=VALUE");
        }
        properties.put(value.substring(0, equals), value.substring(equals + 1));
    }

    /** A length such as 5s or 250ms; 0s too, which is no interval. */
    private static Duration duration(String text) {
        return text.matches("0(ns|us|ms|s|m|h)?")
                ? Duration.ZERO
                : Interval.parse(text).size();
    }
}
