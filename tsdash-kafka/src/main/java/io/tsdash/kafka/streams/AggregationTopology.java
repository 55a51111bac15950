package io.tsdash.kafka.streams;

import io.tsdash.aggregation.RollingValue;
import io.tsdash.aggregation.VolumeProfile;
import io.tsdash.kafka.format.Formats;
import io.tsdash.kafka.format.RecordFormat;
import io.tsdash.kafka.format.RecordSerializer;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;

/**
 * Core's own aggregation as a part of a Kafka Streams topology: reads trades, and writes bars of each interval, volume
 * profiles and rolling averages.
 *
 * <pre>{@code
 * Topology topology = AggregationTopology.builder().build().addTo(new Topology());
 * Properties config = AggregationTopology.config("bars", "localhost:9092");
 * KafkaStreams streams = new KafkaStreams(topology, config);
 * }</pre>
 *
 * <p>All records of a symbol must be in one partition, as they are when the symbol is the key. What comes out is what
 * {@link io.tsdash.aggregation.BarAggregator} sends for the same trades in the same order: open bars at each flush, each
 * bar as closed as soon as its symbol's clock, the partition's, or, when the partition is idle, the wall clock has passed
 * its end; and again, one revision higher, when a late trade, a cancel or a correction has changed it. A record that cannot
 * be read, or whose time lies too far ahead, goes to the topic of dead letters with its reason.
 *
 * <p>Needs {@code exactly_once_v2}: then input, state and output are one, whatever dies and wherever it goes on. Immutable;
 * for one topology of one application.
 */
public final class AggregationTopology {
    private final AggregationSettings settings;

    AggregationTopology(AggregationSettings settings) {
        this.settings = settings;
    }

    /**
     * Returns a builder: bars of 1s, 1m, 5m and 1h from topic {@code trades} to {@code aggregates-1s} and so on; no volume
     * profiles and no averages unless asked for.
     */
    public static AggregationTopologyBuilder builder() {
        return new AggregationTopologyBuilder();
    }

    /**
     * Returns what Kafka Streams must be told, and what suits this topology: {@code exactly_once_v2}, a commit each 100 ms, and
     * no look at each record for other partitions to wait for, since a task of ours reads one ({@code max.task.idle.ms=-1}; a
     * topology of yours that joins or merges topics beside ours wants Kafka's own 0).
     *
     * @param applicationId names the application; all its instances share the work
     * @param servers addresses of brokers
     */
    public static Map<String, Object> config(String applicationId, String servers) {
        Map<String, Object> config = new HashMap<>();
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
        config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
        config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
        config.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, StreamsConfig.MAX_TASK_IDLE_MS_DISABLED);
        config.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        config.put(StreamsConfig.producerPrefix("compression.type"), "lz4");
        config.put(StreamsConfig.topicPrefix("segment.bytes"), "16777216");
        return config;
    }

    /**
     * Adds the aggregation: a source, a processor, its two stores and its sinks, all with names of their own.
     *
     * @return the same topology
     */
    public Topology addTo(Topology topology) {
        CommitHooks hooks = new CommitHooks();
        topology.addSource(
                AutoOffsetReset.earliest(),
                settings.source(),
                this::recordMillis,
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                settings.input());
        topology.addProcessor(settings.processor(), () -> new AggregationProcessor(settings, hooks), settings.source());
        topology.addStateStore(hooks.store(settings.hookStore()), settings.processor());
        topology.addStateStore(
                Stores.keyValueStoreBuilder(
                                Stores.inMemoryKeyValueStore(settings.stateStore()), Serdes.Bytes(), Serdes.ByteArray())
                        .withCachingDisabled()
                        .withLoggingEnabled(Map.of()),
                settings.processor());
        RecordFormat<Bar> bars = Formats.bars(settings.outputFormat());
        settings.intervals().forEach(interval -> addWindowSink(topology, settings.barTopic(interval), bars));
        Interval profileInterval = settings.profileInterval();
        if (profileInterval != null) {
            RecordFormat<VolumeProfile> profiles = Formats.profiles(settings.outputFormat());
            addWindowSink(topology, settings.profileTopic(profileInterval), profiles);
        }
        if (settings.averageSize() != null) {
            RecordFormat<RollingValue> averages = Formats.averages(settings.outputFormat());
            topology.addSink(
                    settings.sink(settings.averageTopic()),
                    settings.averageTopic(),
                    new StringSerializer(),
                    new RecordSerializer<>(averages),
                    settings.processor());
        }
        return topology.addSink(
                settings.sink(settings.deadLetterTopic()),
                settings.deadLetterTopic(),
                new ByteArraySerializer(),
                new ByteArraySerializer(),
                settings.processor());
    }

    /** Returns the topic that trades are read from. */
    public String input() {
        return settings.input();
    }

    /** Returns the topics that are written, which must be there: of bars, by interval; then the others. */
    public List<String> outputs() {
        List<String> topics = new ArrayList<>();
        settings.intervals().forEach(interval -> topics.add(settings.barTopic(interval)));
        Interval profileInterval = settings.profileInterval();
        if (profileInterval != null) {
            topics.add(settings.profileTopic(profileInterval));
        }
        if (settings.averageSize() != null) {
            topics.add(settings.averageTopic());
        }
        topics.add(settings.deadLetterTopic());
        return topics;
    }

    /** Returns the topic of records that could not be taken: the only one of {@link #outputs} in which each record counts. */
    public String deadLetters() {
        return settings.deadLetterTopic();
    }

    /** Returns the topic of bars of each interval. */
    public Map<Interval, String> barTopics() {
        Map<Interval, String> topics = new LinkedHashMap<>();
        settings.intervals().forEach(interval -> topics.put(interval, settings.barTopic(interval)));
        return topics;
    }

    /**
     * Our windows go by the event time within the record; this one only stamps the changelog. Negative, it would end the
     * thread; ahead of the clock, the broker might refuse the changelog.
     */
    private long recordMillis(ConsumerRecord<Object, Object> record, long partitionMillis) {
        long millis = Math.max(0, record.timestamp());
        return millis <= partitionMillis
                ? millis
                : Math.min(millis, TimeUnit.NANOSECONDS.toMillis(settings.time().epochNanos()));
    }

    /** Of what has a window: the key names it, and the partition goes by the symbol. */
    private <T> void addWindowSink(Topology topology, String topic, RecordFormat<T> format) {
        topology.addSink(
                settings.sink(topic),
                topic,
                new StringSerializer(),
                new RecordSerializer<>(format),
                WindowKey.BY_SYMBOL,
                settings.processor());
    }
}
