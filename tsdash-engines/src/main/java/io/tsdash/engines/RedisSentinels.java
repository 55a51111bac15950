package io.tsdash.engines;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A Redis with one replica, watched by three Sentinels, on ports of the loopback. One thread at a time. */
public final class RedisSentinels implements AutoCloseable {
    /** What the Sentinels call the master. */
    public static final String MASTER = "market";

    private static final int SENTINELS = 3;
    private static final int ANSWER_MILLIS_MAX = 2_000;
    private static final long JOIN_NANOS_MAX = TimeUnit.SECONDS.toNanos(60);

    private final RedisServer master;
    private final RedisServer replica;
    private final List<EngineProcess> sentinels = new ArrayList<>();
    private final List<Integer> ports = new ArrayList<>();

    private RedisSentinels(Path folder) {
        master = RedisServer.start(folder.resolve("master"));
        replica = RedisServer.start(folder.resolve("replica"), "--replicaof", "127.0.0.1 " + master.port());
        try {
            for (int i = 0; i < SENTINELS; i++) {
                launch(folder.resolve("sentinel-" + i));
            }
            join();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Starts them, and waits until the replica follows and the Sentinels know each other.
     *
     * @param folder where they keep their data and logs
     */
    public static RedisSentinels start(Path folder) {
        return new RedisSentinels(folder);
    }

    /** Returns the address for clients. */
    public String address() {
        return "redis-sentinel://"
                + String.join(
                        ",", ports.stream().map(port -> "127.0.0.1:" + port).toList()) + "#" + MASTER;
    }

    /** Returns the server that is the master at first. */
    public RedisServer master() {
        return master;
    }

    @Override
    public void close() {
        sentinels.forEach(EngineProcess::close);
        replica.close();
        master.close();
    }

    private void launch(Path folder) {
        int port = EngineProcess.freePort();
        Path config = folder.resolve("sentinel.conf");
        try {
            Files.createDirectories(folder);
            Files.writeString(
                    config,
                    String.join(
                            "\n",
                            "port " + port,
                            "bind 127.0.0.1",
                            "dir " + folder,
                            "sentinel monitor " + MASTER + " 127.0.0.1 " + master.port() + " 2",
                            "sentinel down-after-milliseconds " + MASTER + " 500",
                            "sentinel failover-timeout " + MASTER + " 3000",
                            ""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ports.add(port);
        sentinels.add(EngineProcess.start(
                "redis-sentinel",
                List.of(RedisServer.program("redis-sentinel"), config.toString()),
                Map.of(),
                folder.resolve("log"),
                () -> ask(port, "PING").startsWith("+PONG")));
    }

    private void join() {
        long giveUpNanos = System.nanoTime() + JOIN_NANOS_MAX;
        try {
            while (!isWhole()) {
                if (System.nanoTime() > giveUpNanos) {
                    throw new IllegalStateException("the Sentinels did not find the replica and each other");
                }
                TimeUnit.MILLISECONDS.sleep(50);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the Sentinels met", e);
        }
    }

    private boolean isWhole() {
        return replica.command("INFO", "replication").contains("master_link_status:up")
                && ports.stream()
                        .map(port -> ask(port, "INFO sentinel"))
                        .allMatch(said -> said.contains("slaves=1,sentinels=" + SENTINELS));
    }

    private static String ask(int port, String command) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(ANSWER_MILLIS_MAX);
            socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
            byte[] answer = new byte[1 << 14];
            int read = socket.getInputStream().read(answer);
            return read < 0 ? "" : new String(answer, 0, read, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }
}
