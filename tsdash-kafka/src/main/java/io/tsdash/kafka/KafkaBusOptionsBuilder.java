package io.tsdash.kafka;

import io.tsdash.error.ConfigurationException;
import io.tsdash.kafka.format.Format;
import io.tsdash.kafka.format.RecordReader;
import io.tsdash.model.MarketEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Collects the settings of a bus on Kafka; {@link #build} checks them all at once. Single-threaded. */
public final class KafkaBusOptionsBuilder {
    private static final int PARTITIONS = 8;
    private static final int PARTITIONS_MAX = 1_024;
    private static final int REPLICATION_MAX = 32;
    private static final int UNACKNOWLEDGED = 1 << 16;
    private static final int UNACKNOWLEDGED_MAX = 1 << 24;
    private static final Duration TIMEOUT_MIN = Duration.ofMillis(1);
    private static final Duration TIMEOUT_MAX = Duration.ofMinutes(10);
    // Kafka's own rule for topics, less what the names of our further topics take.
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9._-]{1,200}");
    private static final Pattern SERVERS = Pattern.compile(
            "[^\\s,:]+:\\d{1,5}(,[^\\s,:]+:\\d{1,5})*" + "|\\[[0-9a-fA-F:]+]:\\d{1,5}(,\\[[0-9a-fA-F:]+]:\\d{1,5})*");

    /** What the bus's guarantees rest on, or what has an option of its own. */
    private static final Set<String> OURS = Set.of(
            "bootstrap.servers",
            "key.serializer",
            "value.serializer",
            "key.deserializer",
            "value.deserializer",
            "acks",
            "enable.idempotence",
            "retries",
            "max.in.flight.requests.per.connection",
            "delivery.timeout.ms",
            "max.block.ms",
            "compression.type",
            "partitioner.class",
            "partitioner.ignore.keys",
            "transactional.id",
            "group.id",
            "group.instance.id",
            "group.protocol",
            "partition.assignment.strategy",
            "enable.auto.commit",
            "auto.offset.reset",
            "isolation.level",
            "max.poll.records",
            "allow.auto.create.topics");

    final String servers;
    String topic = "trades";
    int partitions = PARTITIONS;
    int replication;
    Duration retention = Duration.ofHours(24);
    boolean createTopics = true;
    Format format = Format.PROTOBUF;
    Optional<RecordReader<MarketEvent>> plainReader = Optional.empty();
    Compression compression = Compression.LZ4;
    final Map<String, String> properties = new HashMap<>();
    String groupPrefix = "tsdash-";
    String node = "";
    int unacknowledgedMax = UNACKNOWLEDGED;
    Duration openTimeout = Duration.ofSeconds(15);
    Duration publishTimeout = Duration.ofSeconds(10);
    Duration closeTimeout = Duration.ofSeconds(5);

    KafkaBusOptionsBuilder(String servers) {
        this.servers = servers;
    }

    /** Sets the topic of events; {@code trades} by default. Dead letters go to the topic with {@code .dead} after it. */
    public KafkaBusOptionsBuilder topic(String value) {
        topic = value;
        return this;
    }

    /**
     * Sets how many partitions the topic has, 8 by default. They cannot be changed later: a symbol would move to another
     * partition and lose its order.
     */
    public KafkaBusOptionsBuilder partitions(int value) {
        partitions = value;
        return this;
    }

    /**
     * Sets how many brokers keep each partition. 3 survives the loss of one without a pause; 0, the default, leaves it to the
     * brokers' configuration and checks nothing.
     */
    public KafkaBusOptionsBuilder replication(int value) {
        replication = value;
        return this;
    }

    /** Sets how long the brokers keep events at least, counted from their arrival; 24 hours by default. */
    public KafkaBusOptionsBuilder retention(Duration value) {
        retention = value;
        return this;
    }

    /** Sets whether topics that are not there are made; true by default. */
    public KafkaBusOptionsBuilder createTopics(boolean value) {
        createTopics = value;
        return this;
    }

    /** Sets the form in which events are written; Protobuf by default. All forms are read, whatever this says. */
    public KafkaBusOptionsBuilder format(Format value) {
        format = value;
        return this;
    }

    /** Sets what reads records that do not name their form, such as the plain JSON that other programs write. */
    public KafkaBusOptionsBuilder plainReader(RecordReader<MarketEvent> value) {
        plainReader = Optional.of(value);
        return this;
    }

    /** Sets how batches are compressed; LZ4 by default. */
    public KafkaBusOptionsBuilder compression(Compression value) {
        compression = value;
        return this;
    }

    /** Adds a property for Kafka's clients, such as those of security. What the bus sets itself is refused. */
    public KafkaBusOptionsBuilder property(String name, String value) {
        properties.put(name, value);
        return this;
    }

    /** Adds properties for Kafka's clients; see {@link #property}. */
    public KafkaBusOptionsBuilder properties(Map<String, String> values) {
        properties.putAll(values);
        return this;
    }

    /** Sets what the group of a consumer is called before the consumer's name; {@code tsdash-} by default. */
    public KafkaBusOptionsBuilder groupPrefix(String value) {
        groupPrefix = value;
        return this;
    }

    /**
     * Sets the name of this node, which no other has. With it a node that restarts within the session timeout finds its
     * partitions again, and no others are moved; but those of a node that stays away wait for that timeout. By default it
     * has none.
     */
    public KafkaBusOptionsBuilder node(String value) {
        node = value;
        return this;
    }

    /** Sets how many events may wait for the brokers' acknowledgement before publishers wait; 65,536 by default. */
    public KafkaBusOptionsBuilder unacknowledgedMax(int value) {
        unacknowledgedMax = value;
        return this;
    }

    /** Sets how long opening and subscribing may take; 15 s by default. */
    public KafkaBusOptionsBuilder openTimeout(Duration value) {
        openTimeout = value;
        return this;
    }

    /** Sets how long a publisher waits for room, and for the acknowledgement of a batch; 10 s by default. */
    public KafkaBusOptionsBuilder publishTimeout(Duration value) {
        publishTimeout = value;
        return this;
    }

    /** Sets how long closing waits for what was accepted; 5 s by default. */
    public KafkaBusOptionsBuilder closeTimeout(Duration value) {
        closeTimeout = value;
        return this;
    }

    /** @throws ConfigurationException with everything that is wrong */
    public KafkaBusOptions build() {
        List<String> problems = new ArrayList<>();
        if (!SERVERS.matcher(servers).matches()) {
            problems.add("servers was '" + servers + "' but it must be host:port, or several with commas between");
        }
        if (!NAME.matcher(topic).matches() || topic.equals(".") || topic.equals("..")) {
            problems.add("topic was '" + topic + "' but it must be 1 to 200 of a-z A-Z 0-9 . _ -");
        }
        if (groupPrefix.isBlank()) {
            problems.add("groupPrefix was '" + groupPrefix + "' but it must not be blank");
        }
        if (!node.isEmpty() && !NAME.matcher(node).matches()) {
            problems.add("node was '" + node + "' but it must be 1 to 200 of a-z A-Z 0-9 . _ -");
        }
        within(problems, "partitions", partitions, 1, PARTITIONS_MAX);
        within(problems, "replication", replication, 0, REPLICATION_MAX);
        within(problems, "unacknowledgedMax", unacknowledgedMax, 1, UNACKNOWLEDGED_MAX);
        if (retention.compareTo(Duration.ofSeconds(1)) < 0) {
            problems.add("retention was '" + retention + "' but it must be at least a second");
        }
        within(problems, "openTimeout", openTimeout);
        within(problems, "publishTimeout", publishTimeout);
        within(problems, "closeTimeout", closeTimeout);
        for (String name : new TreeSet<>(properties.keySet())) {
            if (OURS.contains(name)) {
                problems.add("property '" + name + "' was '" + properties.get(name) + "' but the bus sets it itself");
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new KafkaBusOptions(this);
    }

    private static void within(List<String> problems, String option, int value, int min, int max) {
        if (value < min || value > max) {
            problems.add(option + " was '" + value + "' but it must be from " + min + " to " + max);
        }
    }

    private static void within(List<String> problems, String option, Duration value) {
        if (value.compareTo(TIMEOUT_MIN) < 0 || value.compareTo(TIMEOUT_MAX) > 0) {
            problems.add(option + " was '" + value + "' but it must be from " + TIMEOUT_MIN + " to " + TIMEOUT_MAX);
        }
    }
}
