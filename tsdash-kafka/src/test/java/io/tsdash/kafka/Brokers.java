package io.tsdash.kafka;

import io.tsdash.engines.KafkaCluster;
import java.nio.file.Path;
import java.util.UUID;

/** One real broker for all tests of this module that do not harm it; ends with the process. */
final class Brokers {
    private static final class Shared {
        static final KafkaCluster ONE = KafkaCluster.start(folder(), 1);
    }

    private Brokers() {}

    static KafkaCluster one() {
        return Shared.ONE;
    }

    /** Returns a folder for a broker's data that no other has. */
    static Path folder() {
        return Path.of(System.getProperty("java.io.tmpdir"), "kafka-" + UUID.randomUUID());
    }

    /** Returns options for a topic and groups of their own on the shared broker. */
    static KafkaBusOptionsBuilder fresh() {
        return fresh(one());
    }

    static KafkaBusOptionsBuilder fresh(KafkaCluster cluster) {
        String id = UUID.randomUUID().toString().substring(0, 8);
        return KafkaBusOptions.servers(cluster.servers())
                .topic("trades-" + id)
                .groupPrefix("g-" + id + "-")
                .partitions(4);
    }
}
