package io.tsdash.examples.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.engines.KafkaCluster;
import io.tsdash.examples.Eventually;
import io.tsdash.examples.feeds.LiveVenue;
import io.tsdash.examples.server.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * As {@link AlertsArriveTest}: what goes wrong where the bus of the reference server is a real Kafka. A second server without a feed
 * shows what the first one publishes.
 */
@Timeout(600)
class KafkaAlertsArriveTest {
    private static final int SYMBOLS = 20;
    private static final int TRADES_PER_SECOND = 1_000;
    private static final int PARTITIONS = 4;
    private static final String TOPIC = "trades";
    private static final String DEAD_LETTERS = "trades.dead";
    /** Less than any record takes. */
    private static final String RECORD_MAX = "10";

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Predicate<String> OF_BUS =
            Pattern.compile("tsdash_bus|dead_letters|partition_lag").asPredicate();

    /** So that a buffer is full within a second of what the market trades. */
    private static final String SMALL_BUFFERS = "buffer.memory=131072\nbatch.size=16384\n";

    @TempDir
    private Path folder;

    @Test
    void eachFaultOfTheBusIsToldAndOverOnceItIsHealed() throws Exception {
        try (KafkaCluster kafka = KafkaCluster.start(folder.resolve("kafka"), 1);
                Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.servers()));
                LiveVenue venue = new LiveVenue(SYMBOLS, TRADES_PER_SECOND);
                ServerProcess server = server(kafka, venue, 0, PARTITIONS);
                ServerProcess reader = reader(kafka, 0, PARTITIONS);
                Watch watch = new Watch(folder, authority(server), authority(reader))) {
            Eventually.holds(
                    "trades come, and Prometheus has scraped both before anything happens",
                    PATIENCE,
                    () -> watch.query("tsdash_keys > 0 and on (instance) tsdash_bus_retries_total == 0")
                                    .size()
                            == 2);
            deadLettersNotTaken(watch, kafka, admin);
            recordsTooLarge(watch, admin);
            brokerHangs(watch, kafka);
            watch.awaitQuiet();
            watch.panelsHaveData(OF_BUS);
            topicGrows(watch, admin, server, reader);
            server.terminate();
            reader.terminate();
            server.exitCode(PATIENCE);
            reader.exitCode(PATIENCE);
            try (ServerProcess again = server(kafka, venue, port(server), PARTITIONS + 1);
                    ServerProcess readerAgain = reader(kafka, port(reader), PARTITIONS + 1)) {
                assertThat(again.address()).isEqualTo(server.address());
                assertThat(readerAgain.address()).isEqualTo(reader.address());
                watch.awaitQuiet();
                watch.everyoneWasTold();
            }
        }
    }

    private static String health(ServerProcess server) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(server.address()).resolve("/health"))
                .timeout(PATIENCE)
                .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    private static String authority(ServerProcess server) {
        return URI.create(server.address()).getAuthority();
    }

    private static int port(ServerProcess server) {
        return URI.create(server.address()).getPort();
    }

    /**
     * A record that nobody can read waits for a topic that takes nothing, and all that is behind it waits too. Deleted and made
     * anew, the topic may refuse what waited for two minutes more (KAFKA-15591), which is Kafka's affair.
     */
    private static void deadLettersNotTaken(Watch watch, KafkaCluster kafka, Admin admin)
            throws ExecutionException, InterruptedException {
        setRecordMax(admin, DEAD_LETTERS, AlterConfigOp.OpType.SET);
        writeNoTrade(kafka);
        watch.awaitTold("TsdashBusRetrying", "TsdashPartitionLagHigh", "TsdashBusStuck");
        setRecordMax(admin, DEAD_LETTERS, AlterConfigOp.OpType.DELETE);
        watch.awaitTold("TsdashDeadLetters", "TsdashEventsLost");
    }

    /** Somebody has the broker take small records only: what the feed brings is lost for another reason. */
    private static void recordsTooLarge(Watch watch, Admin admin) throws ExecutionException, InterruptedException {
        setRecordMax(admin, TOPIC, AlterConfigOp.OpType.SET);
        watch.awaitTold("TsdashEventsLost", notice -> notice.text().contains("lost events: unsent"));
        setRecordMax(admin, TOPIC, AlterConfigOp.OpType.DELETE);
    }

    private static void setRecordMax(Admin admin, String topic, AlterConfigOp.OpType change)
            throws ExecutionException, InterruptedException {
        admin.incrementalAlterConfigs(Map.of(
                        new ConfigResource(ConfigResource.Type.TOPIC, topic),
                        List.of(new AlterConfigOp(new ConfigEntry("max.message.bytes", RECORD_MAX), change))))
                .all()
                .get();
    }

    private static void brokerHangs(Watch watch, KafkaCluster kafka) {
        kafka.freeze(0);
        watch.awaitTold("TsdashBusFull", "TsdashPricesStale");
        kafka.thaw(0);
    }

    private static void topicGrows(Watch watch, Admin admin, ServerProcess... servers)
            throws ExecutionException, InterruptedException, IOException {
        admin.createPartitions(Map.of(TOPIC, NewPartitions.increaseTo(PARTITIONS + 1)))
                .all()
                .get();
        Eventually.holds(
                "both consumers of both servers have stopped",
                PATIENCE,
                () -> watch.query("tsdash_bus_stopped_total == 1").size() == 4);
        watch.awaitTold("TsdashConsumerStopped");
        for (ServerProcess server : servers) {
            assertThat(health(server))
                    .contains("\"bus\":{\"status\":\"DEGRADED\",\"reason\":\"consumer bars has stopped");
        }
        Eventually.holds(
                "no price of either server is called live",
                PATIENCE,
                () -> watch.query("tsdash_keys > 0 and tsdash_keys_stale == tsdash_keys")
                                .size()
                        == 2);
    }

    /** As another program might, by Kafka's own producer. */
    private static void writeNoTrade(KafkaCluster kafka) throws ExecutionException, InterruptedException {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.servers()), new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(TOPIC, "no trade".getBytes(StandardCharsets.UTF_8)))
                    .get();
        }
    }

    private ServerProcess server(KafkaCluster kafka, LiveVenue venue, int port, int partitions) throws IOException {
        return onBus(
                "a",
                kafka,
                port,
                partitions,
                "--bus-option=publishTimeout=1",
                "--bus-option=properties=" + Files.writeString(folder.resolve("client.properties"), SMALL_BUFFERS),
                "--feed=" + venue.feed(),
                "--feed-option=url=ws://" + venue.address(),
                "--feed-option=rest=http://" + venue.address(),
                "--feed-option=retryMax=1");
    }

    private ServerProcess reader(KafkaCluster kafka, int port, int partitions) throws IOException {
        return onBus("b", kafka, port, partitions, "--feed=none", "--bus-quiet=3s");
    }

    private ServerProcess onBus(String node, KafkaCluster kafka, int port, int partitions, String... more)
            throws IOException {
        return new ServerProcess(
                folder,
                Stream.concat(
                                Stream.of(
                                        "--port=" + port,
                                        "--data=" + folder.resolve(node),
                                        "--bus=kafka",
                                        "--bus-url=" + kafka.servers(),
                                        "--bus-option=replication=1",
                                        "--bus-option=partitions=" + partitions,
                                        "--bus-option=node=" + node,
                                        "--lateness=60s",
                                        "--orders=none"),
                                Stream.of(more))
                        .toArray(String[]::new));
    }
}
