package io.tsdash.kafka;

import io.tsdash.bus.BusListener;
import io.tsdash.bus.EventBus;
import io.tsdash.error.ConfigurationException;
import io.tsdash.error.InvalidInputException;
import io.tsdash.kafka.format.Format;
import io.tsdash.kafka.format.JsonMapping;
import io.tsdash.spi.BusProvider;
import io.tsdash.spi.ProviderOptions;
import io.tsdash.time.TimeSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Properties;

/** The bus on Apache Kafka, under the name {@code kafka}. */
public final class KafkaBusProvider implements BusProvider {
    private static final KafkaBusOptions DEFAULTS =
            KafkaBusOptions.servers("localhost:9092").build();

    /** Called by the service loader. */
    public KafkaBusProvider() {}

    @Override
    public String name() {
        return "kafka";
    }

    @Override
    public String description() {
        return "Apache Kafka at HOST:PORT[,HOST:PORT…]; options: topic, partitions, replication, retention (seconds),"
                + " createTopics (true or false), format (protobuf, json, msgpack), mapping (of plain JSON),"
                + " compression (none, lz4, snappy, gzip, zstd), properties (a file of client properties, for security),"
                + " group (prefix), node, openTimeout, publishTimeout, closeTimeout (seconds)";
    }

    @Override
    public EventBus open(ProviderOptions options, BusListener listener, TimeSource time) {
        KafkaBusOptionsBuilder builder = KafkaBusOptions.servers(options.argument())
                .topic(options.text("topic", DEFAULTS.topic()))
                .partitions((int) Math.min(Integer.MAX_VALUE, options.wholeNumber("partitions", DEFAULTS.partitions())))
                .replication(
                        (int) Math.min(Integer.MAX_VALUE, options.wholeNumber("replication", DEFAULTS.replication())))
                .retention(options.seconds("retention", DEFAULTS.retention()))
                .createTopics(!options.text("createTopics", "true").equals("false"))
                .groupPrefix(options.text("group", DEFAULTS.groupPrefix()))
                .node(options.text("node", DEFAULTS.node()))
                .openTimeout(options.seconds("openTimeout", DEFAULTS.openTimeout()))
                .publishTimeout(options.seconds("publishTimeout", DEFAULTS.publishTimeout()))
                .closeTimeout(options.seconds("closeTimeout", DEFAULTS.closeTimeout()));
        readForms(options, builder);
        readProperties(options, builder);
        KafkaBusOptions built = null;
        try {
            built = builder.build();
        } catch (ConfigurationException e) {
            e.problems().forEach(options::problem);
        }
        options.check();
        return KafkaEventBus.open(Objects.requireNonNull(built), listener, time);
    }

    private static void readForms(ProviderOptions options, KafkaBusOptionsBuilder builder) {
        try {
            builder.format(Format.parse(options.text("format", DEFAULTS.format().text())));
        } catch (InvalidInputException e) {
            options.problem(String.valueOf(e.getMessage()));
        }
        String mapping = options.text("mapping", "");
        if (!mapping.isEmpty()) {
            try {
                builder.plainReader(JsonMapping.parse(mapping));
            } catch (ConfigurationException e) {
                e.problems().forEach(options::problem);
            }
        }
        String compression = options.text("compression", DEFAULTS.compression().text());
        for (Compression each : Compression.values()) {
            if (each.text().equals(compression)) {
                builder.compression(each);
                return;
            }
        }
        options.problem("compression was '" + compression + "' but it must be one of none, lz4, snappy, gzip, zstd");
    }

    private static void readProperties(ProviderOptions options, KafkaBusOptionsBuilder builder) {
        String file = options.text("properties", "");
        if (file.isEmpty()) {
            return;
        }
        Properties properties = new Properties();
        try (var in = Files.newBufferedReader(Path.of(file), StandardCharsets.UTF_8)) {
            properties.load(in);
            properties.stringPropertyNames().forEach(name -> builder.property(name, properties.getProperty(name)));
        } catch (IOException | IllegalArgumentException e) {
            options.problem("properties was '" + file + "' but it must be a file of properties: " + e);
        }
    }
}
