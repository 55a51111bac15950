package io.tsdash.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.client.Replica;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.engines.HaproxyServer;
import io.tsdash.engines.PostgresServer;
import io.tsdash.engines.RedisServer;
import io.tsdash.examples.Eventually;
import io.tsdash.spi.Stores;
import io.tsdash.store.MarketStore;
import io.tsdash.testkit.FaultProxy;
import io.tsdash.time.TimeSource;
import io.tsdash.transport.TsdashClient;
import io.tsdash.transport.TsdashClientListener;
import io.tsdash.transport.WireCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two servers as processes on one relay behind HAProxy, with a thousand clients; one dies, then both are restarted in turn. */
@Timeout(300)
class HighAvailabilityTest {
    private static final int CLIENTS = Integer.getInteger("tsdash.ha.clients", 1_000);
    private static final int PER_SECOND = 100;
    private static final int SYMBOLS = 4;
    private static final int REQUESTS_PER_SECOND = 20;
    private static final int REDIS_AWAY_SECONDS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern CONNECTIONS =
            Pattern.compile("\ntsdash_connections\\{transport=\"websocket\"} (\\S+)\n");
    private static final List<String> POOLS = List.of("sockets", "streams", "requests");
    private static final Duration BACK = Duration.ofSeconds(5);

    @TempDir
    private Path folder;

    private final List<TsdashClient> clients = new ArrayList<>();
    private final List<Seen> seen = new ArrayList<>();
    private @Nullable StreamFollower stream;
    private @Nullable LatestLoad requests;

    @Test
    void aThousandClientsGoOnWithoutAGapWhenTheLeaderIsKilledAndWhenBothAreRestarted() throws Exception {
        int[] ports = freePorts(4);
        try (LineSender venue = new LineSender(PER_SECOND, SYMBOLS);
                RedisServer log = RedisServer.start(folder.resolve("redis"));
                FaultProxy redis = FaultProxy.to("127.0.0.1", log.port());
                PostgresServer postgres = PostgresServer.start(reachable("postgres-ha"))) {
            Map<String, ServerProcess> servers = new HashMap<>();
            try (HaproxyServer proxy = proxy(ports)) {
                servers.put("a", server("a", ports[2], venue, redis, postgres));
                ready(servers.get("a"), "a");
                servers.put("b", server("b", ports[3], venue, redis, postgres));
                ready(servers.get("b"), "b");
                for (String name : List.of("a", "b")) {
                    Eventually.holds("HAProxy sends clients to " + name, PATIENCE, () -> isUp(ports[1], name));
                }
                assertThat(servers.get("a").text()).contains("this server leads, term 1");
                connect(ports[0]);
                String front = "http://127.0.0.1:" + ports[0];
                stream = new StreamFollower(front + "/stream?channels=trades:*", SYMBOLS);
                venue.start();
                Eventually.holds(
                        "clients see trades", PATIENCE, () -> seen.stream().allMatch(each -> each.hasAllOf(0)));

                Eventually.holds(
                        "the metrics say who leads",
                        PATIENCE,
                        () -> servers.get("a").get("/metrics").contains("tsdash_relay_leading 1.0")
                                && servers.get("b").get("/metrics").contains("tsdash_relay_leading 0.0"));
                requests = new LatestLoad(front, List.of("S0", "S1"), REQUESTS_PER_SECOND);
                assertThat(clientsOf(servers.get("a")))
                        .as("clients that the server to be killed holds")
                        .isGreaterThan(CLIENTS / 4);
                long killed = System.nanoTime();
                servers.get("a").kill();
                long published = venue.sent();
                Eventually.holds(
                        "all clients have trades of after the kill",
                        PATIENCE,
                        () -> seen.stream().allMatch(each -> each.newest() > published));
                Duration back = Duration.ofNanos(System.nanoTime() - killed);
                System.out.printf(
                        "leader killed: %d clients have what came after it within %d ms%n", CLIENTS, back.toMillis());
                assertThat(back).as("until all clients went on").isLessThan(BACK);

                servers.put("a", server("a", ports[2], venue, redis, postgres));
                inTurn(servers.get("a"), "a", ports[1], venue);
                for (String name : List.of("b", "a")) {
                    restart(servers, name, ports, venue, redis, postgres);
                }
                cut(redis, venue);
                assertThat(servers.values())
                        .allSatisfy(server -> assertThat(server.get("/metrics"))
                                .containsPattern("\ntsdash_relay_failed_total [1-9]"));
                long all = venue.stop();
                Eventually.holds(
                        "all clients have all trades",
                        PATIENCE,
                        () -> seen.stream().allMatch(each -> each.hasAllOf(all)));
                Eventually.holds(
                        "the stream has all trades", PATIENCE, () -> stream().hasAllOf(all));
                check(proxy);
                assertThat(proxy.output()).contains("Server sockets/a is UP");
                try (MarketStore store = Stores.open(
                        "timescale",
                        "127.0.0.1:" + postgres.port() + "/postgres",
                        Map.of("user", "postgres"),
                        TimeSource.system())) {
                    Eventually.holds("all are in the store", PATIENCE, () -> store.tradeCount() == all);
                }
            } finally {
                close(stream, requests);
                clients.forEach(TsdashClient::close);
                servers.values().forEach(ServerProcess::close);
            }
        }
    }

    /** The log of the relay is away for longer than a lease lasts; the servers and their clients stay. */
    private void cut(FaultProxy redis, LineSender venue) {
        redis.refuse();
        long before = venue.sent();
        Eventually.holds("time passes", PATIENCE, () -> venue.sent() > before + REDIS_AWAY_SECONDS * PER_SECOND);
        redis.heal();
        long healed = System.nanoTime();
        long published = venue.sent();
        Eventually.holds(
                "all clients have trades of after the cut",
                PATIENCE,
                () -> seen.stream().allMatch(each -> each.newest() > published));
        Duration back = Duration.ofNanos(System.nanoTime() - healed);
        System.out.printf("Redis away for %d s: all clients go on %d ms after%n", REDIS_AWAY_SECONDS, back.toMillis());
        assertThat(back).as("until all clients went on").isLessThan(BACK);
    }

    private static int clientsOf(ServerProcess server) {
        Matcher connections = CONNECTIONS.matcher(server.get("/metrics"));
        assertThat(connections.find()).isTrue();
        return (int) Double.parseDouble(connections.group(1));
    }

    private StreamFollower stream() {
        return Objects.requireNonNull(stream);
    }

    private static void close(@Nullable AutoCloseable... parts) throws Exception {
        for (AutoCloseable part : parts) {
            if (part != null) {
                part.close();
            }
        }
    }

    private void check(HaproxyServer proxy) {
        for (int i = 0; i < CLIENTS; i++) {
            assertThat(seen.get(i).wrong)
                    .as(
                            "client %d; the stream: %s %s",
                            i, stream().wrong(), stream().story())
                    .isEmpty();
        }
        assertThat(stream().wrong()).as("the stream: %s", stream().story()).isEmpty();
        assertThat(stream().connections()).as("connections of the stream").isGreaterThan(1);
        LatestLoad asked = Objects.requireNonNull(requests);
        System.out.println("through the proxy: " + asked);
        assertThat(asked.failures())
                .as("requests that failed; HAProxy: %s", proxy.output())
                .isEmpty();
        assertThat(asked.count()).isGreaterThan(REQUESTS_PER_SECOND);
        for (int i = 0; i < CLIENTS; i++) {
            long resets = clients.get(i)
                    .read(replica -> replica.channels().stream()
                            .filter(name -> name.startsWith("trades:"))
                            .mapToLong(replica::resets)
                            .sum());
            assertThat(resets).as("resets of client %d", i).isZero();
        }
    }

    private void restart(
            Map<String, ServerProcess> servers,
            String name,
            int[] ports,
            LineSender venue,
            FaultProxy redis,
            PostgresServer postgres)
            throws Exception {
        ServerProcess old = Objects.requireNonNull(servers.get(name));
        old.terminate();
        assertThat(old.exitCode(Duration.ofSeconds(20))).isEqualTo(143);
        servers.put(name, server(name, name.equals("a") ? ports[2] : ports[3], venue, redis, postgres));
        inTurn(servers.get(name), name, ports[1], venue);
    }

    /** As deploy/rolling-restart does: the other one goes when this one has clients and feed. */
    private static void inTurn(ServerProcess server, String name, int admin, LineSender venue) {
        ready(server, name);
        Eventually.holds("the venue has both", PATIENCE, () -> venue.connected() == 2);
        Eventually.holds("HAProxy sends clients to " + name, PATIENCE, () -> isUp(admin, name));
    }

    private static boolean isUp(int admin, String name) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), admin)) {
            socket.setSoTimeout(2_000);
            socket.getOutputStream().write("show stat\n".getBytes(StandardCharsets.US_ASCII));
            String states = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            return POOLS.stream()
                    .allMatch(pool -> states.lines()
                            .anyMatch(line -> line.startsWith(pool + "," + name + ",") && line.contains(",UP,")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void ready(ServerProcess server, String name) {
        server.address();
        Eventually.holds(
                "server " + name + " is ready: " + server.text(),
                PATIENCE,
                () -> server.get("/health/ready").contains("\"UP\""));
    }

    private void connect(int port) {
        for (int i = 0; i < CLIENTS; i++) {
            Seen mine = new Seen();
            seen.add(mine);
            TsdashClient client = TsdashClient.builder(URI.create("ws://127.0.0.1:" + port + "/trades"))
                    .codec(WireCodec.binary())
                    .logRowsMax(16)
                    .listener(mine)
                    .connect();
            client.subscribe(List.of("trades:*"));
            clients.add(client);
        }
        Eventually.holds(
                "all are connected", PATIENCE, () -> clients.stream().allMatch(client -> client.connectionsMade() > 0));
    }

    private ServerProcess server(String name, int port, LineSender venue, FaultProxy redis, PostgresServer postgres)
            throws IOException {
        return new ServerProcess(
                folder,
                "--port=" + port,
                "--data=" + folder.resolve(name),
                "--store=timescale",
                "--store-url=127.0.0.1:" + postgres.port() + "/postgres",
                "--store-user=postgres",
                "--relay=redis://127.0.0.1:" + redis.port(),
                "--relay-node=" + name,
                "--feed=" + venue.feed(),
                "--intervals=1s,1m",
                "--keep-trades=forever");
    }

    private HaproxyServer proxy(int[] ports) {
        return HaproxyServer.start(
                Path.of("deploy", "haproxy.cfg").toAbsolutePath(),
                Map.of(
                        "TSDASH_FRONT", "127.0.0.1:" + ports[0],
                        "TSDASH_ADMIN", "127.0.0.1:" + ports[1],
                        "TSDASH_A", "127.0.0.1:" + ports[2],
                        "TSDASH_B", "127.0.0.1:" + ports[3]),
                ports[0],
                folder.resolve("haproxy.log"));
    }

    /** The store runs as another user, who may not look into a temporary folder of this one. */
    private static Path reachable(String name) throws IOException {
        return Files.createTempDirectory(Path.of("target"), name).toAbsolutePath();
    }

    private static int[] freePorts(int count) throws IOException {
        int[] ports = new int[count];
        List<ServerSocket> sockets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            sockets.add(socket);
            ports[i] = socket.getLocalPort();
        }
        for (ServerSocket socket : sockets) {
            socket.close();
        }
        return ports;
    }

    /** What one client saw: each symbol has every fourth id, so a trade that is missing or comes twice is seen. */
    private static final class Seen implements TsdashClientListener {
        private final Map<String, Long> last = new HashMap<>();
        private long newest = -1;
        final List<String> wrong = new CopyOnWriteArrayList<>();

        /** Whether the newest trade of each symbol is there, of so many in all. */
        synchronized boolean hasAllOf(long count) {
            return last.size() == SYMBOLS && last.values().stream().allMatch(id -> id >= count - SYMBOLS);
        }

        synchronized long newest() {
            return newest;
        }

        @Override
        public void message(ServerMessage message, Replica.Outcome outcome) {
            if (outcome == Replica.Outcome.GAP || outcome == Replica.Outcome.RESET) {
                wrong.add(outcome + " by " + message);
            }
            if (message instanceof ServerMessage.Delta delta && delta.channel().startsWith("trades:")) {
                take(delta.channel(), delta.rows());
            } else if (message instanceof ServerMessage.Snapshot snapshot
                    && snapshot.channel().startsWith("trades:")) {
                take(snapshot.channel(), snapshot.rows());
            }
        }

        @Override
        public void connection(boolean open, String reason) {}

        private synchronized void take(String channel, List<Map<String, @Nullable Object>> rows) {
            for (Map<String, @Nullable Object> row : rows) {
                long id = Long.parseLong(String.valueOf(row.get("id")));
                Long before = last.put(channel, id);
                if (before != null && id != before + SYMBOLS) {
                    wrong.add(channel + " has " + id + " after " + before);
                }
                newest = Math.max(newest, id);
            }
        }
    }
}
