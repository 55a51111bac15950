package io.tsdash.kafka.streams;

import io.tsdash.kafka.format.Format;
import io.tsdash.kafka.format.RecordDeserializer;
import io.tsdash.model.Interval;
import io.tsdash.model.MarketEvent;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an aggregation topology is made of; checked by its builder.
 *
 * @param profileInterval no volume profiles if null
 * @param averageSize no averages if null
 */
record AggregationSettings(
        String name,
        String input,
        RecordDeserializer<MarketEvent> reader,
        Format outputFormat,
        List<Interval> intervals,
        String barPrefix,
        @Nullable Interval profileInterval,
        double profileStep,
        String profilePrefix,
        @Nullable Duration averageSize,
        String averageTopic,
        String deadLetterTopic,
        Duration lateness,
        Duration closeDelay,
        Duration idleTimeout,
        Duration flushInterval,
        AggregationListener listener,
        TimeSource time) {

    String processor() {
        return name + "-aggregation";
    }

    String source() {
        return name + "-source";
    }

    String stateStore() {
        return name + "-state";
    }

    String hookStore() {
        return name + "-commit-hook";
    }

    String barTopic(Interval interval) {
        return topic(barPrefix, interval);
    }

    String profileTopic(Interval interval) {
        return topic(profilePrefix, interval);
    }

    /** The name of the sink of a topic. */
    String sink(String topic) {
        return name + "-sink-" + topic;
    }

    /** Kafka allows letters, digits, dots, hyphens and underlines in the name of a topic. */
    private static String topic(String prefix, Interval interval) {
        return prefix + interval.text().replaceAll("[^a-zA-Z0-9._-]", "-");
    }
}
