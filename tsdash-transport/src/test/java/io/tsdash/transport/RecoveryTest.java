package io.tsdash.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.testkit.ManualTimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.jspecify.annotations.Nullable;

/** Seeded lives of a server and its clients: slow ones, cut ones, restarts. One thread, no sockets, no waiting. */
class RecoveryTest {
    private static final List<List<String>> WISHES = List.of(
            List.of("prices:*"),
            List.of("prices:A*", "status"),
            List.of("bars:1m:*", "prices:*", "status"),
            List.of("trades:*"),
            List.of("news", "alerts"),
            List.of("prices:*", "bars:*", "trades:*", "status", "news", "alerts"));

    private static int resets;
    private static int resumes;
    private static int gaps;
    private static int closes;

    @Property(tries = 2000, shrinking = ShrinkingMode.OFF)
    void clientEndsWithTheStateOfTheServerOrWasToldThatItWasReset(@ForAll long seed) throws InterruptedException {
        live(seed, false);
    }

    @Property(tries = 500, shrinking = ShrinkingMode.OFF)
    void lostFrameIsSeenAsAGapAndRepaired(@ForAll long seed) throws InterruptedException {
        live(seed, true);
    }

    @net.jqwik.api.lifecycle.AfterContainer
    static void eachWayToRecoverWasTaken() {
        assertThat(resets).as("resets").isPositive();
        assertThat(resumes).as("resumes").isPositive();
        assertThat(gaps).as("gaps").isPositive();
        assertThat(closes).as("closed as too slow").isPositive();
    }

    private static void live(long seed, boolean lossy) throws InterruptedException {
        Random random = new Random(seed);
        ManualTimeSource time = new ManualTimeSource(1_000_000_000_000L);
        int restarts = 0;
        SimulatedServer server = new SimulatedServer(random, time, "e0");
        List<SimulatedClient> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int interval = List.of(0, 0, 100, 1000).get(random.nextInt(4));
            clients.add(
                    new SimulatedClient(WISHES.get(random.nextInt(WISHES.size())), interval, random.nextInt(3) == 0));
        }
        for (int step = 0; step < 120; step++) {
            SimulatedClient client = clients.get(random.nextInt(clients.size()));
            switch (random.nextInt(12)) {
                case 0, 1, 2, 3, 4 -> server.publish();
                case 5, 6 -> {
                    for (int n = random.nextInt(4); n > 0; n--) {
                        client.deliver();
                    }
                }
                case 7 -> time.advance(Duration.ofMillis(random.nextInt(400)));
                case 8 -> {
                    if (!client.isConnected()) {
                        client.connect(server);
                    }
                }
                case 9 -> {
                    for (int n = 0; n < 30; n++) {
                        server.publish();
                    }
                }
                case 10 -> {
                    if (lossy) {
                        client.lose();
                    } else if (random.nextBoolean()) {
                        client.cut();
                    } else {
                        client.deliverPartAndCut();
                    }
                }
                default -> {
                    if (random.nextInt(20) == 0) {
                        clients.forEach(SimulatedClient::cut);
                        server.hub.close();
                        restarts++;
                        server = new SimulatedServer(random, time, "e" + restarts);
                    }
                }
            }
            server.work();
        }
        for (SimulatedClient client : clients) {
            if (lossy) {
                client.cut();
            }
            if (!client.isConnected()) {
                client.cut();
                client.connect(server);
            }
        }
        settle(server, time, clients);
        for (SimulatedClient client : clients) {
            check(server, client, lossy);
            resets += client.resets;
            resumes += client.resumes;
            gaps += client.gaps;
            closes += client.closes;
        }
        server.hub.close();
    }

    private static void settle(SimulatedServer server, ManualTimeSource time, List<SimulatedClient> clients) {
        for (int round = 0; round < 60; round++) {
            time.advance(Duration.ofMillis(100));
            server.work();
            for (SimulatedClient client : clients) {
                if (!client.isConnected()) {
                    client.cut();
                    client.connect(server);
                }
                while (client.deliver()) {
                    server.work();
                }
            }
        }
    }

    private static void check(SimulatedServer server, SimulatedClient client, boolean lossy) {
        assertThat(client.complaints).isEmpty();
        if (!lossy) {
            assertThat(client.gaps).as("gaps without a lost frame").isZero();
        }
        for (String name : client.names) {
            String prefix = name.endsWith("*") ? name.substring(0, name.length() - 1) : name;
            for (String channel : server.names(prefix)) {
                assertThat(client.replica.position(channel)).as(channel).contains(server.position(channel));
                if (server.snapshot(channel).key().isEmpty()) {
                    checkLog(server, client, channel);
                } else {
                    String key = server.snapshot(channel).key();
                    assertThat(SimulatedServer.byKey(key, client.replica.rows(channel)))
                            .as(channel)
                            .isEqualTo(server.rows(channel));
                }
            }
        }
    }

    /** What a client has of a log is the end of it, without a hole. */
    private static void checkLog(SimulatedServer server, SimulatedClient client, String channel) {
        List<String> mine =
                client.replica.rows(channel).stream().map(RecoveryTest::id).toList();
        List<String> all = server.logged(channel);
        assertThat(mine).as(channel).isEqualTo(all.subList(all.size() - mine.size(), all.size()));
        Set<String> seen = client.seen.getOrDefault(channel, Set.of());
        assertThat(seen)
                .as("all seen of " + channel + " since it was reset")
                .containsExactlyInAnyOrderElementsOf(all.subList(all.size() - seen.size(), all.size()));
    }

    static String id(Map<String, @Nullable Object> row) {
        Object title = row.get("title");
        if (title != null) {
            return title.toString();
        }
        return row.containsKey("severity") ? String.valueOf(row.get("text")) : row.get("id") + "/" + row.get("version");
    }
}
