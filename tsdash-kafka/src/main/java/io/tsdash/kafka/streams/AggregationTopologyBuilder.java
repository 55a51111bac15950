package io.tsdash.kafka.streams;

import io.tsdash.error.ConfigurationException;
import io.tsdash.kafka.format.Format;
import io.tsdash.kafka.format.Formats;
import io.tsdash.kafka.format.JsonMapping;
import io.tsdash.kafka.format.RecordDeserializer;
import io.tsdash.kafka.format.RecordReader;
import io.tsdash.model.Interval;
import io.tsdash.model.MarketEvent;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Collects the settings of an {@link AggregationTopology}; {@link #build} checks them all at once. */
public final class AggregationTopologyBuilder {
    private static final Pattern TOPIC = Pattern.compile("[a-zA-Z0-9._-]{1,249}");

    private String name = "tsdash";
    private String input = "trades";
    private Format inputFormat = Format.PROTOBUF;
    private @Nullable JsonMapping mapping;
    private Format outputFormat = Format.PROTOBUF;
    private List<Interval> intervals =
            List.of(Interval.parse("1s"), Interval.parse("1m"), Interval.parse("5m"), Interval.parse("1h"));
    private String barPrefix = "aggregates-";
    private @Nullable Interval profileInterval;
    private double profileStep = 1;
    private @Nullable Duration averageSize;
    private String deadLetterTopic = "";
    private Duration lateness = Duration.ofSeconds(5);
    private Duration closeDelay = Duration.ZERO;
    private Duration idleTimeout = Duration.ofSeconds(1);
    private Duration flushInterval = Duration.ofMillis(250);
    private AggregationListener listener = AggregationListener.NONE;
    private TimeSource time = TimeSource.system();

    AggregationTopologyBuilder() {}

    /** Sets what the names of nodes, stores and so of changelogs begin with; {@code tsdash} by default. */
    public AggregationTopologyBuilder name(String newName) {
        name = newName;
        return this;
    }

    /** Sets the topic of trades; {@code trades} by default. */
    public AggregationTopologyBuilder input(String topic) {
        input = topic;
        return this;
    }

    /** Sets the form of input records whose header names none; Protobuf by default. */
    public AggregationTopologyBuilder inputFormat(Format format) {
        inputFormat = format;
        return this;
    }

    /** Sets that input records whose header names no form are a team's own plain JSON. */
    public AggregationTopologyBuilder inputMapping(JsonMapping newMapping) {
        mapping = newMapping;
        return this;
    }

    /** Sets the form of what is written; Protobuf by default. */
    public AggregationTopologyBuilder outputFormat(Format format) {
        outputFormat = format;
        return this;
    }

    /** Sets the intervals of bars, all different; 1s, 1m, 5m and 1h by default. */
    public AggregationTopologyBuilder intervals(Interval... newIntervals) {
        intervals = List.of(newIntervals);
        return this;
    }

    /** Sets what the topics of bars begin with; {@code aggregates-} by default, and the interval follows. */
    public AggregationTopologyBuilder barTopicPrefix(String prefix) {
        barPrefix = prefix;
        return this;
    }

    /**
     * Asks for volume profiles, in topic {@code profiles-} and the interval.
     *
     * @param interval their windows
     * @param step the height of a price level
     */
    public AggregationTopologyBuilder profiles(Interval interval, double step) {
        profileInterval = interval;
        profileStep = step;
        return this;
    }

    /** Asks for averages over the last stretch of each symbol's time, in topic {@code averages}, at each flush. */
    public AggregationTopologyBuilder averages(Duration size) {
        averageSize = size;
        return this;
    }

    /** Sets where records go that cannot be used; the input's name and {@code .dead} by default. */
    public AggregationTopologyBuilder deadLetters(String topic) {
        deadLetterTopic = topic;
        return this;
    }

    /** Sets how far behind its symbol's clock a trade may be and still count; 5 s by default. */
    public AggregationTopologyBuilder lateness(Duration newLateness) {
        lateness = newLateness;
        return this;
    }

    /** Sets how far the clock must be past the end of a window before its bar is sent as closed; 0 by default. */
    public AggregationTopologyBuilder closeDelay(Duration newCloseDelay) {
        closeDelay = newCloseDelay;
        return this;
    }

    /** Sets after how long without a trade a partition's clock goes on by wall time; 1 s by default. */
    public AggregationTopologyBuilder idleTimeout(Duration newIdleTimeout) {
        idleTimeout = newIdleTimeout;
        return this;
    }

    /** Sets how often bars that changed are sent, and idle partitions looked after; 250 ms by default. */
    public AggregationTopologyBuilder flushInterval(Duration newFlushInterval) {
        flushInterval = newFlushInterval;
        return this;
    }

    /** Sets who hears of what is in no bar. */
    public AggregationTopologyBuilder listener(AggregationListener newListener) {
        listener = newListener;
        return this;
    }

    /** Sets the clock; that of the machine by default. */
    public AggregationTopologyBuilder time(TimeSource newTime) {
        time = newTime;
        return this;
    }

    /** @throws ConfigurationException if settings break their rules; it lists all of them */
    public AggregationTopology build() {
        List<String> problems = new ArrayList<>();
        RecordReader<MarketEvent> plain = mapping == null ? Formats.events(inputFormat) : mapping;
        AggregationSettings settings = new AggregationSettings(
                name,
                input,
                new RecordDeserializer<>(plain, Formats::events),
                outputFormat,
                intervals,
                barPrefix,
                profileInterval,
                profileStep,
                "profiles-",
                averageSize,
                "averages",
                deadLetterTopic.isEmpty() ? input + ".dead" : deadLetterTopic,
                lateness,
                closeDelay,
                idleTimeout,
                flushInterval,
                listener,
                time);
        topic("name", name, problems);
        topic("input", input, problems);
        if (intervals.isEmpty()) {
            problems.add("intervals was empty but there must be at least one");
        }
        List<String> outputs = new AggregationTopology(settings).outputs();
        outputs.forEach(output -> topic("output topic", output, problems));
        if (new HashSet<>(outputs).size() != outputs.size() || outputs.contains(input)) {
            problems.add("output topics were " + outputs + " but they and the input must all be different");
        }
        notNegative("lateness", lateness, problems);
        notNegative("closeDelay", closeDelay, problems);
        notNegative("idleTimeout", idleTimeout, problems);
        if (closeDelay.compareTo(lateness) > 0) {
            problems.add("closeDelay was '" + closeDelay + "' but it must not exceed lateness '" + lateness + "'");
        }
        if (flushInterval.toMillis() < 1) {
            problems.add("flushInterval was '" + flushInterval + "' but it must be at least 1 ms");
        }
        if (profileInterval != null && !(profileStep > 0 && profileStep < Double.POSITIVE_INFINITY)) {
            problems.add("profile step was '" + profileStep + "' but it must be positive and finite");
        }
        if (averageSize != null && (averageSize.isNegative() || averageSize.isZero())) {
            problems.add("averages was '" + averageSize + "' but it must be positive");
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new AggregationTopology(settings);
    }

    private static void topic(String what, String value, List<String> problems) {
        if (!TOPIC.matcher(value).matches()) {
            problems.add(what + " was '" + value
                    + "' but it must have 1 to 249 letters, digits, dots, underlines or hyphens");
        }
    }

    private static void notNegative(String option, Duration value, List<String> problems) {
        if (value.isNegative()) {
            problems.add(option + " was '" + value + "' but it must not be negative");
        }
    }
}
