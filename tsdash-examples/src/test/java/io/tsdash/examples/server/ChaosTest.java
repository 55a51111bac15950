package io.tsdash.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.engines.PostgresServer;
import io.tsdash.engines.RedisServer;
import io.tsdash.examples.Eventually;
import io.tsdash.examples.feeds.LiveVenue;
import io.tsdash.model.Trade;
import io.tsdash.spi.Stores;
import io.tsdash.store.MarketStore;
import io.tsdash.store.TradeRange;
import io.tsdash.testkit.FaultProxy;
import io.tsdash.time.TimeSource;
import io.tsdash.transport.TsdashClient;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The reference server while store, Redis and feed are cut, slowed and spoilt in turn, under load, and come back. */
@Timeout(300)
class ChaosTest {
    private static final int SYMBOLS = 20;
    private static final int TRADES_PER_SECOND = 1_000;
    private static final int REQUESTS_PER_SECOND = 200;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration HELD = Duration.ofSeconds(2);
    private static final Duration NOTICED = Duration.ofSeconds(5);
    private static final Duration HEALED = Duration.ofSeconds(5);
    private static final Duration LATEST_MAX = Duration.ofMillis(100);

    @TempDir
    private Path folder;

    @Test
    void latestIsAnsweredThroughoutAndAllHealsAndEveryTradeIsStored() throws IOException {
        try (PostgresServer postgres = PostgresServer.start(reachable("postgres"));
                RedisServer shared = RedisServer.start(folder.resolve("redis"));
                LiveVenue venue = new LiveVenue(SYMBOLS, TRADES_PER_SECOND);
                FaultProxy store = FaultProxy.to("127.0.0.1", postgres.port());
                FaultProxy redis = FaultProxy.to("127.0.0.1", shared.port());
                FaultProxy feed = FaultProxy.to("127.0.0.1", venue.port());
                ServerProcess server = server(venue, feed, store, redis);
                MarketStore kept = Stores.open(
                        "timescale",
                        "127.0.0.1:" + postgres.port() + "/postgres",
                        Map.of("user", "postgres"),
                        TimeSource.system())) {
            String address = server.address();
            Eventually.holds("trades are stored", PATIENCE, () -> kept.tradeCount() > 0);
            List<Long> first = firstIds(kept, venue);
            try (LatestLoad load = new LatestLoad(address, venue.symbols(), REQUESTS_PER_SECOND);
                    TsdashClient page = TsdashClient.builder(URI.create(address.replace("http", "ws") + "/prices"))
                            .connect()) {
                page.subscribe(List.of("status"));
                load.warmUp();
                List<Part> parts = List.of(
                        new Part("store", store, List.of("store postgresql", "history")),
                        new Part("cache", redis, List.of("cache")),
                        new Part("feed", feed, List.of(venue.feed())));
                for (Fault fault : Fault.values()) {
                    parts.forEach(part -> disturb(part, fault, server, load, page));
                }
                assertThat(load.failures()).isEmpty();
            }
            venue.closeMarket();
            Eventually.holds(
                    "every trade is in the store; the server says " + server.text(),
                    PATIENCE,
                    () -> kept.tradeCount() == traded(venue, first));
        }
    }

    /** What goes wrong. */
    private enum Fault {
        CUT {
            @Override
            void inject(FaultProxy proxy) {
                proxy.refuse();
            }
        },
        SLOWED {
            @Override
            void inject(FaultProxy proxy) {
                proxy.delay(Duration.ofSeconds(1));
            }
        },
        SPOILT {
            @Override
            void inject(FaultProxy proxy) {
                proxy.corrupt();
            }
        };

        abstract void inject(FaultProxy proxy);
    }

    /**
     * What may be away.
     *
     * @param name as the server's health has it
     * @param rows that show it in the channel {@code status}
     */
    private record Part(String name, FaultProxy proxy, List<String> rows) {
        boolean isFeed() {
            return name.equals("feed");
        }
    }

    private static void disturb(Part part, Fault fault, ServerProcess server, LatestLoad load, TsdashClient page) {
        String what = part.name + " " + fault;
        load.beginPhase();
        fault.inject(part.proxy);
        long untilNanos = System.nanoTime() + HELD.toNanos();
        if (fault == Fault.CUT) {
            Eventually.holds(
                    () -> what + " is told, not " + server.get("/health") + statuses(page),
                    NOTICED,
                    () -> saysAway(part, server, page));
        }
        load.awaitStale(part.isFeed() && fault != Fault.SLOWED, HELD.plus(HEALED));
        load.expectStale(part.isFeed() && fault == Fault.CUT);
        while (System.nanoTime() < untilNanos) {
            LockSupport.parkNanos(untilNanos - System.nanoTime());
        }
        load.expectStale(false);
        part.proxy.heal();
        long healedNanos = System.nanoTime();
        load.awaitStale(false, HEALED);
        Eventually.holds(
                () -> what + " is over, not " + server.get("/health") + statuses(page),
                HEALED.minusNanos(System.nanoTime() - healedNanos),
                () -> saysUp(server, page));
        System.out.printf("%s: all live %d ms after; %s%n", what, (System.nanoTime() - healedNanos) / 1_000_000, load);
        assertThat(load.quantile(0.99)).as(what).isLessThan(LATEST_MAX);
    }

    /** Whether a store is away is known to who asks it. */
    private static boolean saysAway(Part part, ServerProcess server, TsdashClient page) {
        server.get("/historical/trades?symbol=S0-USD&limit=1");
        String health = server.get("/health");
        return health.startsWith("{\"status\":\"DEGRADED\"")
                && health.contains("\"" + part.name + "\":{\"status\":\"DEGRADED\"")
                && part.rows.stream()
                        .noneMatch(name -> "LIVE".equals(statuses(page).getOrDefault(name, "LIVE")));
    }

    private static boolean saysUp(ServerProcess server, TsdashClient page) {
        return server.get("/health").startsWith("{\"status\":\"UP\"")
                && statuses(page).values().stream().allMatch("LIVE"::equals);
    }

    /** Returns the states of all parts as a page has them. */
    private static Map<String, String> statuses(TsdashClient page) {
        return page.read(replica -> {
            Map<String, String> states = new HashMap<>();
            for (Map<String, @Nullable Object> row : replica.rows("status")) {
                states.put(String.valueOf(row.get("name")), String.valueOf(row.get("state")));
            }
            return states;
        });
    }

    private ServerProcess server(LiveVenue venue, FaultProxy feed, FaultProxy store, FaultProxy redis)
            throws IOException {
        return new ServerProcess(
                folder,
                "--port=0",
                "--data=" + folder.resolve("data"),
                "--store=timescale",
                "--store-url=127.0.0.1:" + store.port() + "/postgres",
                "--store-user=postgres",
                "--cache=redis://127.0.0.1:" + redis.port(),
                "--rate-limit=100000/s",
                "--feed=" + venue.feed(),
                "--feed-option=url=ws://127.0.0.1:" + feed.port(),
                "--feed-option=rest=http://127.0.0.1:" + feed.port(),
                "--feed-option=idleTimeout=2.5",
                "--feed-option=retryMax=1",
                "--feed-option=restPause=0.05",
                "--lateness=60s",
                "--keep-trades=forever",
                "--orders=none");
    }

    /** The trades before these are from before the server listened. */
    private static List<Long> firstIds(MarketStore kept, LiveVenue venue) {
        List<Long> ids = new ArrayList<>();
        for (String symbol : venue.symbols()) {
            List<Trade> first = new ArrayList<>();
            Eventually.holds(
                    "the first trade of " + symbol,
                    PATIENCE,
                    () -> kept.trades(TradeRange.of(symbol, 0, Long.MAX_VALUE, 1), first::add) > 0);
            ids.add(first.get(0).sequence());
        }
        return ids;
    }

    private static long traded(LiveVenue venue, List<Long> first) {
        long count = 0;
        for (int i = 0; i < first.size(); i++) {
            count += venue.lastId(venue.symbols().get(i)) - first.get(i) + 1;
        }
        return count;
    }

    /** The server runs as another user, who may not look into a temporary folder of this one. */
    private static Path reachable(String name) throws IOException {
        return Files.createTempDirectory(Path.of("target"), name).toAbsolutePath();
    }
}
