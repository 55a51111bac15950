package io.tsdash.engines;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Real Kafka brokers of one cluster, each a process that is broker and controller; topics are not made by themselves.
 *
 * <p>Ends with this process. One thread at a time.
 */
public final class KafkaCluster implements AutoCloseable {
    private static final String VERSION = "4.3.1";
    private static final long FORMAT_SECONDS_MAX = 120;
    private static final String LISTENERS = "PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d";

    private final Path folder;
    private final List<Integer> ports;
    private final List<Integer> controllerPorts;
    private final List<EngineProcess> brokers = new ArrayList<>();

    private KafkaCluster(Path folder, int size, Map<String, String> properties) {
        this.folder = folder;
        this.ports = freePorts(size);
        this.controllerPorts = freePorts(size);
        byte[] id = new byte[16];
        UUID random = UUID.randomUUID();
        ByteBuffer.wrap(id).putLong(random.getMostSignificantBits()).putLong(random.getLeastSignificantBits());
        String cluster = Base64.getUrlEncoder().withoutPadding().encodeToString(id);
        for (int broker = 0; broker < size; broker++) {
            format(broker, cluster, properties);
        }
        for (int broker = 0; broker < size; broker++) {
            brokers.add(launch(broker));
        }
        for (int broker = 0; broker < size; broker++) {
            awaitStarted(broker);
        }
    }

    /**
     * Starts brokers and waits until all have started.
     *
     * @param folder where they keep their data
     * @param size how many
     */
    public static KafkaCluster start(Path folder, int size) {
        return start(folder, size, Map.of());
    }

    /**
     * Starts brokers with settings beside the usual ones, and waits until all have started.
     *
     * @param folder where they keep their data
     * @param size how many
     * @param properties names and values as they stand in {@code server.properties}; {@code {port}} and {@code {controller}}
     *     in them stand for the broker's two ports
     */
    public static KafkaCluster start(Path folder, int size, Map<String, String> properties) {
        return new KafkaCluster(folder, size, properties);
    }

    /** Returns the addresses of all brokers, as clients want them. */
    public String servers() {
        return ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
    }

    /** Returns the port of one broker on the loopback. */
    public int port(int broker) {
        return ports.get(broker);
    }

    /** Returns the process of one broker, to measure it. */
    public ProcessHandle handle(int broker) {
        return brokers.get(broker).process().toHandle();
    }

    /** Ends a broker as a crash would (SIGKILL), and waits until it is gone. */
    public void kill(int broker) {
        brokers.get(broker).kill();
    }

    /** Lets a broker stand still (SIGSTOP): it answers nobody until {@link #thaw}. */
    public void freeze(int broker) {
        brokers.get(broker).signal("STOP");
    }

    /** Lets a broker go on (SIGCONT). */
    public void thaw(int broker) {
        brokers.get(broker).signal("CONT");
    }

    /** Starts a broker again on the same data and ports, and waits until it has started. */
    public void restart(int broker) {
        brokers.get(broker).close();
        brokers.set(broker, launch(broker));
        awaitStarted(broker);
    }

    @Override
    public void close() {
        // Leaving one after the other would take long: the last ones no longer have a majority to leave.
        brokers.forEach(EngineProcess::kill);
    }

    private static List<Integer> freePorts(int count) {
        return IntStream.range(0, count).mapToObj(i -> EngineProcess.freePort()).toList();
    }

    private Path home(int broker) {
        return folder.resolve("broker" + (broker + 1));
    }

    private Path settings(int broker) {
        return home(broker).resolve("server.properties");
    }

    private Path log(int broker) {
        return home(broker).resolve("output.log");
    }

    private void format(int broker, String cluster, Map<String, String> properties) {
        Properties settings = new Properties();
        settings.putAll(settings(broker, properties));
        Path output = home(broker).resolve("format.log");
        try {
            Files.createDirectories(home(broker));
            try (var out = Files.newBufferedWriter(settings(broker))) {
                settings.store(out, null);
            }
            Process format = new ProcessBuilder(java(
                            "kafka.tools.StorageTool",
                            "format",
                            "--cluster-id=" + cluster, // it may begin with a hyphen
                            "-c",
                            settings(broker).toString()))
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!format.waitFor(FORMAT_SECONDS_MAX, TimeUnit.SECONDS) || format.exitValue() != 0) {
                format.destroyForcibly();
                throw new IllegalStateException("Kafka's folder could not be made: " + Files.readString(output));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while Kafka's folder was made", e);
        }
    }

    private Map<String, String> settings(int broker, Map<String, String> properties) {
        int copies = Math.min(3, ports.size());
        Map<String, String> settings = new HashMap<>();
        settings.put("node.id", Integer.toString(broker + 1));
        settings.put("process.roles", "broker,controller");
        settings.put("listeners", String.format(LISTENERS, ports.get(broker), controllerPorts.get(broker)));
        settings.put("advertised.listeners", String.format(LISTENERS, ports.get(broker), controllerPorts.get(broker)));
        settings.put("controller.listener.names", "CONTROLLER");
        settings.put("inter.broker.listener.name", "PLAINTEXT");
        settings.put("listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT");
        settings.put(
                "controller.quorum.voters",
                IntStream.range(0, ports.size())
                        .mapToObj(i -> (i + 1) + "@127.0.0.1:" + controllerPorts.get(i))
                        .collect(Collectors.joining(",")));
        settings.put("log.dirs", home(broker).resolve("data").toString());
        settings.put("auto.create.topics.enable", "false");
        settings.put("default.replication.factor", Integer.toString(copies));
        settings.put("min.insync.replicas", Integer.toString(Math.max(1, copies - 1)));
        for (String topic : List.of("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")) {
            settings.put(topic + ".replication.factor", Integer.toString(copies));
            settings.put(topic + ".num.partitions", "4");
        }
        settings.put("transaction.state.log.min.isr", Integer.toString(Math.max(1, copies - 1)));
        settings.put("share.coordinator.state.topic.min.isr", "1");
        settings.put("group.initial.rebalance.delay.ms", "0");
        // A killed broker or member is missed after a few seconds.
        settings.put("broker.session.timeout.ms", "4000");
        settings.put("broker.heartbeat.interval.ms", "500");
        settings.put("group.min.session.timeout.ms", "1000");
        settings.put("group.consumer.min.session.timeout.ms", "1000");
        settings.put("group.consumer.min.heartbeat.interval.ms", "200");
        settings.put("group.consumer.session.timeout.ms", "6000");
        settings.put("group.consumer.heartbeat.interval.ms", "500");
        settings.put("num.network.threads", "2");
        settings.put("num.io.threads", "2");
        settings.put("log.cleaner.dedupe.buffer.size", "4194304");
        properties.forEach((name, value) -> settings.put(
                name,
                value.replace("{port}", Integer.toString(ports.get(broker)))
                        .replace("{controller}", Integer.toString(controllerPorts.get(broker)))));
        return settings;
    }

    private EngineProcess launch(int broker) {
        try {
            Files.deleteIfExists(log(broker));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // Its port is open long before it serves, and it serves only with a majority of all: see awaitStarted.
        return EngineProcess.start(
                "Kafka", java("kafka.Kafka", settings(broker).toString()), Map.of(), log(broker), () -> true);
    }

    private void awaitStarted(int broker) {
        brokers.get(broker).await(() -> brokers.get(broker).output().contains("Kafka Server started"));
    }

    private static List<String> java(String main, String... arguments) {
        Path libraries = EngineProcess.installed(
                EngineProcess.cache().resolve("kafka/" + VERSION).resolve("lib"));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx384m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
                "-cp",
                libraries + "/*",
                main));
        command.addAll(List.of(arguments));
        return command;
    }
}
