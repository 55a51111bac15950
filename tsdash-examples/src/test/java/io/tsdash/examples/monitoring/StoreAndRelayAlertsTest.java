package io.tsdash.examples.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.engines.PostgresServer;
import io.tsdash.engines.RedisServer;
import io.tsdash.examples.Eventually;
import io.tsdash.examples.feeds.LiveVenue;
import io.tsdash.examples.server.ServerProcess;
import io.tsdash.testkit.FaultProxy;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three servers that one Prometheus and one Alertmanager watch: {@code a} and {@code b} share a relay, {@code alone} has a
 * database and a small disk of its own. Each fault is told to the right receiver, and is over once it is healed.
 */
@Timeout(600)
class StoreAndRelayAlertsTest {
    private static final int SYMBOLS = 8;
    private static final int TRADES_PER_SECOND = 200;
    private static final int NOBODY_LEADS_SECONDS = 28; // and 5 s before: more than a standby feed keeps
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Predicate<String> OF_RELAY_AND_TRACES =
            Pattern.compile("tsdash_relay|spans_lost").asPredicate();

    @TempDir
    private Path folder;

    @Test
    void eachFaultIsToldAndOverOnceItIsHealed() throws Exception {
        try (SmallDisk disk = new SmallDisk(folder.resolve("alone"));
                PostgresServer postgres = PostgresServer.start(reachable("postgres"));
                RedisServer shared = RedisServer.start(folder.resolve("redis"));
                LiveVenue venue = new LiveVenue(SYMBOLS, TRADES_PER_SECOND);
                FaultProxy redisOfA = FaultProxy.to("127.0.0.1", shared.port());
                FaultProxy store = FaultProxy.to("127.0.0.1", postgres.port());
                FaultProxy feed = FaultProxy.to("127.0.0.1", venue.port());
                FaultProxy backfill = FaultProxy.to("127.0.0.1", venue.port())) {
            sql(postgres, "postgres", "CREATE ROLE tsdash LOGIN", "CREATE DATABASE tsdash OWNER tsdash");
            try (ServerProcess a = relayed("a", venue, redisOfA.port(), postgres);
                    ServerProcess alone = alone(disk, venue, feed, backfill, store)) {
                awaitLeads(a);
                try (ServerProcess b = relayed("b", venue, shared.port(), postgres);
                        Watch watch = new Watch(folder, target(a), target(b), target(alone));
                        Visitors visitors = new Visitors(alone.address(), venue.symbols())) {
                    visitors.comeAndGo();
                    watch.awaitUp(target(b));
                    theLeaderIsCutOff(watch, redisOfA, b);
                    redisOfA.refuse();
                    b.freeze();
                    long since = venue.lastId(venue.symbols().get(0));
                    watch.awaitTold("TsdashRelayDown", "TsdashDown");
                    lateAndMissingTrades(watch, venue, feed, backfill);
                    questionsAreForbidden(watch, postgres);
                    tradesAreRefused(watch, postgres, disk);
                    barsAreRefusedAndHeldUp(watch, postgres);
                    theStoreIsCutAndSlow(watch, postgres, store, disk);
                    nobodyLedForLong(watch, venue, since, redisOfA);
                    b.thaw();
                    watch.awaitQuiet();
                    watch.everyoneWasTold();
                    watch.panelsHaveData(OF_RELAY_AND_TRACES);
                }
            }
        }
    }

    /** Another takes over, and the first does not know. */
    private static void theLeaderIsCutOff(Watch watch, FaultProxy redis, ServerProcess other) {
        redis.refuse();
        awaitLeads(other);
        watch.awaitTold("TsdashNotOneLeader");
        redis.heal();
        watch.awaitOver("TsdashNotOneLeader");
        assertThat(watch.receivers().notices())
                .extracting(Notice::alert)
                .as("what it plays again is not late")
                .doesNotContain("TsdashTradesSetAside");
    }

    /** The one that led hangs, the other has not reached Redis: what its feed did not keep is missing. */
    private static void nobodyLedForLong(Watch watch, LiveVenue venue, long since, FaultProxy redis) {
        String symbol = venue.symbols().get(0);
        long perSecond = TRADES_PER_SECOND / SYMBOLS;
        Eventually.holds(
                "the market goes on", PATIENCE, () -> venue.lastId(symbol) > since + NOBODY_LEADS_SECONDS * perSecond);
        redis.heal();
        watch.awaitTold("TsdashRelayMissed");
    }

    private static void lateAndMissingTrades(Watch watch, LiveVenue venue, FaultProxy feed, FaultProxy backfill) {
        venue.setClockAhead(Duration.ofMillis(-900));
        watch.awaitTold("TsdashStreamLagging");
        venue.setClockAhead(Duration.ZERO);
        backfill.beSilent();
        feed.refuse();
        feed.heal();
        watch.awaitTold("TsdashFeedGapUnfilled");
        backfill.heal();
    }

    /**
     * Bars may be written, and no more be read: that compares how many trades they hold with none. To write them takes the right to
     * read the table.
     */
    private static void questionsAreForbidden(Watch watch, PostgresServer postgres) throws SQLException {
        sql(postgres, "tsdash", "REVOKE EXECUTE ON FUNCTION pg_catalog.int84ne(int8, int4) FROM PUBLIC");
        watch.awaitTold("TsdashQueriesFailing", "TsdashRequestErrors");
        sql(postgres, "tsdash", "GRANT EXECUTE ON FUNCTION pg_catalog.int84ne(int8, int4) TO PUBLIC");
    }

    /** Some trades break a rule of the database; then there is no room to set them aside. */
    private static void tradesAreRefused(Watch watch, PostgresServer postgres, SmallDisk disk)
            throws IOException, SQLException {
        sql(
                postgres,
                "tsdash",
                "ALTER TABLE tsdash.trades ADD CONSTRAINT ours CHECK (symbol <> 'S0-USD' OR seq % 10 <> 0) NOT VALID");
        watch.awaitTold("TsdashStoreRowsSetAside");
        disk.fill();
        watch.awaitTold("TsdashStoreRowsLost");
        disk.makeRoom();
        sql(postgres, "tsdash", "ALTER TABLE tsdash.trades DROP CONSTRAINT ours");
    }

    /** Bars of one symbol break a rule of the database; then somebody builds an index, and none are taken: without an error. */
    private static void barsAreRefusedAndHeldUp(Watch watch, PostgresServer postgres) throws SQLException {
        sql(postgres, "tsdash", "ALTER TABLE tsdash.bars ADD CONSTRAINT ours CHECK (symbol <> 'S0-USD') NOT VALID");
        watch.awaitTold("TsdashBarsSetAside");
        sql(postgres, "tsdash", "ALTER TABLE tsdash.bars DROP CONSTRAINT ours");
        try (Connection connection = DriverManager.getConnection(address(postgres, "tsdash"));
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("LOCK TABLE tsdash.bars IN SHARE MODE");
            watch.awaitTold("TsdashBarsWaiting");
        }
        watch.awaitOver("TsdashBarsWaiting");
    }

    /** There is no room to wait on disk for a while. What waits there is then written, but more slowly than it comes. */
    private static void theStoreIsCutAndSlow(Watch watch, PostgresServer postgres, FaultProxy store, SmallDisk disk)
            throws IOException, SQLException {
        assertThat(watch.receivers().notices()).extracting(Notice::alert).doesNotContain("TsdashStoreDown");
        store.refuse();
        watch.awaitTold("TsdashStoreDown");
        disk.fill();
        watch.awaitTold("TsdashSpillFault");
        disk.makeRoom();
        sql(
                postgres,
                "tsdash",
                "CREATE FUNCTION tsdash.slow() RETURNS trigger LANGUAGE plpgsql AS"
                        + " 'BEGIN PERFORM pg_sleep(10); RETURN NULL; END'",
                "CREATE TRIGGER slow BEFORE INSERT ON tsdash.trades EXECUTE FUNCTION tsdash.slow()");
        store.heal();
        watch.awaitTold("TsdashSpillGrowing");
        sql(postgres, "tsdash", "DROP TRIGGER slow ON tsdash.trades");
    }

    private ServerProcess relayed(String name, LiveVenue venue, int redis, PostgresServer postgres) throws IOException {
        return server(
                "--data=" + folder.resolve(name),
                "--store-url=127.0.0.1:" + postgres.port() + "/postgres",
                "--store-user=postgres",
                "--relay=redis://127.0.0.1:" + redis,
                "--relay-node=" + name,
                "--feed=" + venue.feed(),
                "--feed-option=url=ws://" + venue.address(),
                "--feed-option=rest=http://" + venue.address());
    }

    private ServerProcess alone(SmallDisk disk, LiveVenue venue, FaultProxy feed, FaultProxy backfill, FaultProxy store)
            throws IOException {
        return server(
                "--data=" + disk.folder(),
                "--store-url=127.0.0.1:" + store.port() + "/tsdash",
                "--store-user=tsdash",
                "--feed=" + venue.feed(),
                "--feed-option=url=ws://127.0.0.1:" + feed.port(),
                "--feed-option=rest=http://127.0.0.1:" + backfill.port(),
                "--feed-option=restTimeout=1",
                "--traces=http://127.0.0.1:1/v1/traces", // where nobody is
                "--orders=none");
    }

    private ServerProcess server(String... own) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "--port=0",
                "--store=timescale",
                "--intervals=1s,1m,1h",
                "--feed-option=idleTimeout=2.5",
                "--feed-option=retryMax=1",
                "--feed-option=restPause=0.05"));
        arguments.addAll(Arrays.asList(own));
        return new ServerProcess(folder, arguments.toArray(String[]::new));
    }

    private static void awaitLeads(ServerProcess server) {
        Eventually.holds(
                "it leads: " + server.text(), PATIENCE, () -> server.text().contains("this server leads"));
    }

    private static String target(ServerProcess server) {
        return URI.create(server.address()).getAuthority();
    }

    private static void sql(PostgresServer postgres, String database, String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(address(postgres, database));
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    private static String address(PostgresServer postgres, String database) {
        return "jdbc:postgresql://127.0.0.1:" + postgres.port() + "/" + database + "?user=postgres";
    }

    /** The database runs as another user, who may not look into a temporary folder of this one. */
    private static Path reachable(String name) throws IOException {
        return Files.createTempDirectory(Path.of("target"), name).toAbsolutePath();
    }
}
