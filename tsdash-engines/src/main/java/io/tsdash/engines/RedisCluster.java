package io.tsdash.engines;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A Redis Cluster of three masters with a replica each, on ports of the loopback. One thread at a time. */
public final class RedisCluster implements AutoCloseable {
    private static final int NODES = 6;
    private static final int BUS_OFFSET = 10_000;
    private static final int PORT_MAX = 65_535 - BUS_OFFSET;
    private static final int CREATE_SECONDS_MAX = 60;
    private static final long JOIN_NANOS_MAX = TimeUnit.SECONDS.toNanos(60);

    private final List<RedisServer> nodes = new ArrayList<>();

    private RedisCluster(Path folder, String... settings) {
        List<String> all = new ArrayList<>(List.of(
                "--cluster-enabled",
                "yes",
                "--cluster-announce-ip",
                "127.0.0.1",
                "--cluster-node-timeout",
                "1000",
                "--cluster-replica-validity-factor",
                "0",
                "--cluster-require-full-coverage",
                "no"));
        all.addAll(List.of(settings));
        for (int i = 0; i < NODES; i++) {
            int port = EngineProcess.freePort();
            while (port > PORT_MAX) { // a node talks to the others on a second port, so much above
                port = EngineProcess.freePort();
            }
            nodes.add(RedisServer.startAt(folder.resolve("node-" + i), port, all));
        }
        try {
            join();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Starts six servers, makes them a cluster, and waits until each replica follows its master.
     *
     * @param folder where they keep their data and logs
     * @param settings of each, name and value in turn
     */
    public static RedisCluster start(Path folder, String... settings) {
        return new RedisCluster(folder, settings);
    }

    /** Returns the servers; each knows all others. */
    public List<RedisServer> nodes() {
        return List.copyOf(nodes);
    }

    /** Returns the servers that are masters now, as they say themselves. */
    public List<RedisServer> masters() {
        return nodes.stream()
                .filter(node -> node.command("ROLE").contains("master"))
                .toList();
    }

    @Override
    public void close() {
        nodes.forEach(RedisServer::close);
    }

    private void join() {
        List<String> command = new ArrayList<>(List.of("redis-cli", "--cluster", "create"));
        nodes.forEach(node -> command.add("127.0.0.1:" + node.port()));
        command.addAll(List.of("--cluster-replicas", "1", "--cluster-yes"));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(CREATE_SECONDS_MAX, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IllegalStateException("redis-cli could not make a cluster: " + said);
            }
            long giveUpNanos = System.nanoTime() + JOIN_NANOS_MAX;
            // "cluster_state:ok" comes before replicas follow: a fail-over would then find nobody.
            while (!nodes.stream().allMatch(RedisCluster::isWhole)) {
                if (System.nanoTime() > giveUpNanos) {
                    throw new IllegalStateException("the replicas did not follow their masters");
                }
                TimeUnit.MILLISECONDS.sleep(50);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the cluster was made", e);
        }
    }

    private static boolean isWhole(RedisServer node) {
        String replication = node.command("INFO", "replication");
        return (replication.contains("master_link_status:up") || replication.contains("connected_slaves:1"))
                && node.command("CLUSTER", "INFO").contains("cluster_state:ok");
    }
}
