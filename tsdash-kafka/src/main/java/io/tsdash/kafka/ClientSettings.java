package io.tsdash.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** The properties of each of Kafka's clients that a bus uses: what the user passes on, and what the bus rests on. */
final class ClientSettings {
    // Idempotent producers keep the order up to five.
    private static final int IN_FLIGHT_MAX = 5;
    private static final int LINGER_MILLIS = 5;
    private static final int BATCH_BYTES = 64 * 1024;
    private static final long BUFFER_BYTES = 64L * 1024 * 1024;
    private static final int RECONNECT_MILLIS_MAX = 1_000;
    private static final int REQUEST_MILLIS_MIN = 1_000;
    private static final int POLL_RECORDS_MAX = 4_096;
    private static final int SEND_REQUEST_MILLIS = 10_000;
    // Else it is five minutes until a consumer sees that its topic has grown.
    private static final int METADATA_MILLIS_MAX = 5_000;

    private final KafkaBusOptions options;

    ClientSettings(KafkaBusOptions options) {
        this.options = options;
    }

    Map<String, Object> admin() {
        Map<String, Object> settings = base("admin");
        int millis = millis(options.openTimeout());
        settings.put("default.api.timeout.ms", millis);
        settings.put("request.timeout.ms", Math.min(millis, Math.max(REQUEST_MILLIS_MIN, millis / 3)));
        return settings;
    }

    Map<String, Object> producer() {
        Map<String, Object> settings = base("producer");
        settings.putIfAbsent("linger.ms", LINGER_MILLIS);
        settings.putIfAbsent("batch.size", BATCH_BYTES);
        settings.putIfAbsent("buffer.memory", BUFFER_BYTES);
        settings.putIfAbsent("request.timeout.ms", SEND_REQUEST_MILLIS);
        settings.put("compression.type", options.compression().text());
        settings.put("acks", "all");
        settings.put("enable.idempotence", true);
        settings.put("max.in.flight.requests.per.connection", IN_FLIGHT_MAX);
        // What was accepted waits for the brokers as long as this process lives: to give it up would be to lose it.
        settings.put("retries", Integer.MAX_VALUE);
        settings.put("delivery.timeout.ms", Integer.MAX_VALUE);
        settings.put("max.block.ms", millis(options.publishTimeout()));
        return settings;
    }

    /** Settings of a consumer that reads given partitions from given positions, without a group. */
    Map<String, Object> reader(String name, int capacity) {
        Map<String, Object> settings = base(name);
        settings.put("enable.auto.commit", false);
        // The bus decides where to begin, and tells when that is gone.
        settings.put("auto.offset.reset", "none");
        settings.put("isolation.level", "read_committed");
        settings.put("allow.auto.create.topics", false);
        settings.putIfAbsent("metadata.max.age.ms", METADATA_MILLIS_MAX);
        settings.put("max.poll.records", Math.max(1, Math.min(capacity / 2, POLL_RECORDS_MAX)));
        settings.put("default.api.timeout.ms", millis(options.openTimeout()));
        return settings;
    }

    /**
     * Settings of a consumer that shares the partitions with others of its group.
     *
     * @param newProtocol whether the brokers share them out (KIP-848); else the members do
     */
    Map<String, Object> member(String name, int capacity, boolean newProtocol) {
        Map<String, Object> settings = reader(name, capacity);
        settings.put("group.id", group(name));
        if (!options.node().isEmpty()) {
            settings.put("group.instance.id", options.node());
        }
        if (newProtocol) {
            settings.put("group.protocol", "consumer");
            // These belong to the brokers then, and the client refuses them.
            settings.remove("session.timeout.ms");
            settings.remove("heartbeat.interval.ms");
        } else {
            settings.put("group.protocol", "classic");
            settings.put(
                    "partition.assignment.strategy", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");
        }
        return settings;
    }

    String group(String name) {
        return options.groupPrefix() + name;
    }

    static int millis(Duration duration) {
        return (int) Math.min(Integer.MAX_VALUE, Math.max(1, duration.toMillis()));
    }

    private Map<String, Object> base(String role) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("reconnect.backoff.max.ms", RECONNECT_MILLIS_MAX);
        settings.put("enable.metrics.push", false);
        settings.putAll(options.properties());
        settings.put("bootstrap.servers", options.servers());
        settings.putIfAbsent("client.id", options.node().isEmpty() ? "tsdash-" + role : options.node() + "-" + role);
        return settings;
    }
}
