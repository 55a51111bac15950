package io.tsdash.kafka;

import io.tsdash.kafka.format.Format;
import io.tsdash.kafka.format.RecordReader;
import io.tsdash.model.MarketEvent;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Settings of a bus on Kafka, checked when built. Immutable.
 *
 * @see KafkaBusOptionsBuilder
 */
public final class KafkaBusOptions {
    private final String servers;
    private final String topic;
    private final int partitions;
    private final int replication;
    private final Duration retention;
    private final boolean createTopics;
    private final Format format;
    private final Optional<RecordReader<MarketEvent>> plainReader;
    private final Compression compression;
    private final Map<String, String> properties;
    private final String groupPrefix;
    private final String node;
    private final int unacknowledgedMax;
    private final Duration openTimeout;
    private final Duration publishTimeout;
    private final Duration closeTimeout;

    KafkaBusOptions(KafkaBusOptionsBuilder builder) {
        servers = builder.servers;
        topic = builder.topic;
        partitions = builder.partitions;
        replication = builder.replication;
        retention = builder.retention;
        createTopics = builder.createTopics;
        format = builder.format;
        plainReader = builder.plainReader;
        compression = builder.compression;
        properties = Map.copyOf(builder.properties);
        groupPrefix = builder.groupPrefix;
        node = builder.node;
        unacknowledgedMax = builder.unacknowledgedMax;
        openTimeout = builder.openTimeout;
        publishTimeout = builder.publishTimeout;
        closeTimeout = builder.closeTimeout;
    }

    /**
     * Returns a builder with the defaults.
     *
     * @param servers brokers to begin with, such as {@code one:9092,two:9092}
     */
    public static KafkaBusOptionsBuilder servers(String servers) {
        return new KafkaBusOptionsBuilder(servers);
    }

    /** Returns the brokers to begin with. */
    public String servers() {
        return servers;
    }

    /** Returns the topic of events. */
    public String topic() {
        return topic;
    }

    /** Returns how many partitions the topic has. */
    public int partitions() {
        return partitions;
    }

    /** Returns how many brokers keep each partition; 0: as the brokers are configured, and not checked. */
    public int replication() {
        return replication;
    }

    /** Returns how long the brokers keep events at least. */
    public Duration retention() {
        return retention;
    }

    /** Returns whether topics that are not there are made. */
    public boolean createTopics() {
        return createTopics;
    }

    /** Returns the form of records. */
    public Format format() {
        return format;
    }

    /** Returns what reads records that do not name their form; empty: the {@linkplain #format() form} does. */
    public Optional<RecordReader<MarketEvent>> plainReader() {
        return plainReader;
    }

    /** Returns how batches are compressed. */
    public Compression compression() {
        return compression;
    }

    /** Returns the properties passed on to Kafka's clients. */
    public Map<String, String> properties() {
        return properties;
    }

    /** Returns what the group of a consumer is called before the consumer's name. */
    public String groupPrefix() {
        return groupPrefix;
    }

    /** Returns the name of this node; empty: it has none. */
    public String node() {
        return node;
    }

    /** Returns how many events may wait for the brokers' acknowledgement. */
    public int unacknowledgedMax() {
        return unacknowledgedMax;
    }

    /** Returns how long opening and subscribing may take. */
    public Duration openTimeout() {
        return openTimeout;
    }

    /** Returns how long a publisher waits for room, and for the acknowledgement of a batch. */
    public Duration publishTimeout() {
        return publishTimeout;
    }

    /** Returns how long closing waits for what was accepted. */
    public Duration closeTimeout() {
        return closeTimeout;
    }

    /** Returns the topic that what cannot be used goes to. */
    public String deadLetterTopic() {
        return topic + ".dead";
    }
}
