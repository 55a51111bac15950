package io.tsdash.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.testkit.ManualTimeSource;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

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

    /** Lives to try: {@code -Dtsdash.seeds=1000000} for a million. */
    private static final int SEEDS = Integer.getInteger("tsdash.seeds", 10_000);

    @Test
    void clientEndsWithTheStateOfTheServerOrWasToldThatItWasReset() throws InterruptedException {
        lives(SEEDS, false);
    }

    @Test
    void lostFrameIsSeenAsAGapAndRepaired() throws InterruptedException {
        lives(SEEDS / 4, true);
    }

    private static void lives(int count, boolean lossy) throws InterruptedException {
        // Other seeds each day, the same all day: what was found can be found again.
        long first = LocalDate.now(ZoneOffset.UTC).toEpochDay() * 1_000_000_000L;
        for (long seed = first; seed < first + count; seed++) {
            try {
                live(seed, lossy);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("the life of seed " + seed + " ended wrong", e);
            }
        }
    }

    @AfterAll
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
            List<String> wish = WISHES.get(random.nextInt(WISHES.size()));
            clients.add(new SimulatedClient(wish, interval, lossy ? lossyForm(random) : form(random)));
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
                        client.deliverPartAndCut(random);
                    }
                }
                default -> {
                    if (random.nextInt(4) == 0) {
                        time.jumpTo(time.epochNanos() + (random.nextInt(3) - 1) * 3_600_000_000_000L);
                    }
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

    /** Any form of the wire, or a stream. */
    private static @Nullable WireCodec form(Random random) {
        int choice = random.nextInt(WireCodec.all().size() + 1);
        return choice == 0 ? null : WireCodec.all().get(choice - 1);
    }

    /** The compact form checks six bits of a position: enough for a fault, not for thousands of lost frames. */
    private static @Nullable WireCodec lossyForm(Random random) {
        WireCodec form = form(random);
        return form != null && form.isCompact() ? WireCodec.json() : form;
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
                    assertThat(client.replica.checksum(channel)).as(channel).hasValue(server.checksum(channel));
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
