package io.tsdash.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.engines.RedisServer;
import io.tsdash.error.PermanentException;
import io.tsdash.error.TransientException;
import io.tsdash.testkit.FaultProxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RedisConnectionTest {
    private static final byte[] KEY = "k".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private static Path folder;

    private static RedisServer server;

    @BeforeAll
    static void start() {
        server = RedisServer.start(folder.resolve("plain"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void refusesAnOldServerAReplicaAndTheWrongForm() throws Exception {
        try (OldServer old = new OldServer("5.0.14")) {
            assertThatThrownBy(() -> open(old.address()))
                    .isInstanceOf(PermanentException.class)
                    .hasMessageContaining("is Redis '5.0.14' but it must be 6.0 or newer");
        }
        try (RedisServer replica =
                RedisServer.start(folder.resolve("replica"), "--replicaof", "127.0.0.1 " + server.port())) {
            assertThatThrownBy(() -> open(replica.address()))
                    .isInstanceOf(PermanentException.class)
                    .hasMessageContaining("is a replica, which takes no writes");
        }
        assertThatThrownBy(() -> open(server.address().replace("redis:", "redis-cluster:")))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("This instance has cluster support disabled (use redis://)");
    }

    /** The end of an answer is lost: the client takes what follows for a part of it, and the next answer for the one before. */
    @Test
    void aStreamThatIsSpoiltIsLeftForANewOne() {
        try (FaultProxy proxy = FaultProxy.to("127.0.0.1", server.port());
                RedisConnection connection = RedisConnection.open(
                        RedisOptions.at("redis://127.0.0.1:" + proxy.port())
                                .timeout(Duration.ofMillis(100))
                                .build(),
                        RedisListener.NONE)) {
            byte[] counter = "spoilt".getBytes(StandardCharsets.UTF_8);
            long first = connection.ask("INCR", redis -> redis.incr(counter));
            assertThat(first).isEqualTo(1);
            proxy.corrupt();
            assertThatThrownBy(() -> connection.ask("INCR", redis -> redis.incr(counter)))
                    .isInstanceOf(TransientException.class);
            proxy.heal();
            awaitAnswer(() -> connection.ask("INCR", redis -> redis.incr(counter)) > 2);
            String done = connection.ask("SET", redis -> redis.set(counter, KEY));
            assertThat(done).isEqualTo("OK");
            byte[] found = connection.ask("GET", redis -> redis.get(counter));
            assertThat(found).isEqualTo(KEY);
            assertThat(connection.problem()).isEmpty();
        }
    }

    @Test
    void saysWhatIsWrongWithThePassword() {
        try (RedisServer secured = RedisServer.start(folder.resolve("secured"), "--requirepass", "right")) {
            assertThatThrownBy(() -> open(secured.address()))
                    .isInstanceOf(PermanentException.class)
                    .hasMessageContaining("set the option password");
            assertThatThrownBy(() -> RedisConnection.open(
                            RedisOptions.at(secured.address()).password("wrong").build(), RedisListener.NONE))
                    .isInstanceOf(PermanentException.class)
                    .hasMessageContaining("check the options user and password")
                    .hasMessageNotContaining("wrong,");
            RedisConnection.open(
                            RedisOptions.at(secured.address()).password("right").build(), RedisListener.NONE)
                    .close();
        }
    }

    @Test
    void saysThatNobodyIsThere() {
        assertThatThrownBy(() -> open("redis://127.0.0.1:1"))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("opening a connection at redis://127.0.0.1:1: not connected: Connection refused");
    }

    @Test
    void failsInTimeWhileTheServerIsSilentAndIsBackAfterwards() {
        List<String> told = new CopyOnWriteArrayList<>();
        try (FaultProxy wire = FaultProxy.to("127.0.0.1", server.port());
                RedisConnection connection = RedisConnection.open(
                        RedisOptions.at("redis://127.0.0.1:" + wire.port())
                                .timeout(Duration.ofMillis(100))
                                .breaker(3, Duration.ofMillis(200))
                                .build(),
                        telling(told))) {
            connection.ask("GET", commands -> commands.get(KEY));
            wire.beSilent();
            long startNanos = System.nanoTime();
            for (int i = 0; i < 1_000; i++) {
                assertThatThrownBy(() -> connection.ask("GET", commands -> commands.get(KEY)))
                        .isInstanceOf(TransientException.class);
            }
            // Three wait for their timeout, and one each time the breaker lets one through; all others are refused at
            // once.
            assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(Duration.ofSeconds(10));
            assertThat(connection.problem()).contains("no answer in time");
            assertThat(told).containsExactly("away");
            wire.refuse();
            wire.heal();
            awaitAnswer(() -> {
                connection.ask("GET", commands -> commands.get(KEY));
                return true;
            });
            assertThat(told).containsExactly("away", "back");
            assertThat(connection.problem()).isEmpty();
        }
    }

    @Test
    void boundsWhatIsUnderWayWhileTheServerIsSilent() {
        try (FaultProxy wire = FaultProxy.to("127.0.0.1", server.port());
                RedisConnection connection = RedisConnection.open(
                        RedisOptions.at("redis://127.0.0.1:" + wire.port())
                                .timeout(Duration.ofSeconds(5))
                                .requestsMax(100)
                                .build(),
                        RedisListener.NONE)) {
            wire.beSilent();
            ConcurrentLinkedQueue<Future<byte[]>> underWay = new ConcurrentLinkedQueue<>();
            for (int i = 0; i < 100; i++) {
                underWay.add(connection.send("GET", 1, commands -> commands.get(KEY)));
            }
            assertThatThrownBy(() -> connection.send("GET", 1, commands -> commands.get(KEY)))
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("requestsMax was '100' and 0 of them are free");
            assertThat(underWay).noneMatch(Future::isDone);
        }
    }

    @Test
    void whatTheServerRefusesToAllOfAKindIsAProblemUntilOneOfThatKindSucceeds() {
        List<String> told = new CopyOnWriteArrayList<>();
        server.command("ACL", "SETUSER", "kinds", "on", ">secret", "~*", "+@all");
        try (RedisConnection connection = RedisConnection.open(
                RedisOptions.at(server.address())
                        .user("kinds")
                        .password("secret")
                        .build(),
                telling(told))) {
            Map<String, List<List<String>>> faults = Map.of(
                    "OOM",
                            List.of(
                                    List.of("CONFIG", "SET", "maxmemory", "1"),
                                    List.of("CONFIG", "SET", "maxmemory", "0")),
                    "READONLY", List.of(List.of("REPLICAOF", "127.0.0.1", "1"), List.of("REPLICAOF", "NO", "ONE")),
                    "NOPERM",
                            List.of(
                                    List.of("ACL", "SETUSER", "kinds", "-set"),
                                    List.of("ACL", "SETUSER", "kinds", "+set")));
            faults.forEach((word, commands) -> {
                told.clear();
                server.command(commands.get(0).toArray(String[]::new));
                try {
                    assertThatThrownBy(() -> set(connection)).hasMessageContaining(word);
                    connection.ask("GET", redis -> redis.get(KEY));
                    assertThat(connection.problem()).contains("SET at", word);
                } finally {
                    server.command(commands.get(1).toArray(String[]::new));
                }
                set(connection);
                assertThat(connection.problem()).isEmpty();
                assertThat(told).containsExactly("away", "back");
            });
            told.clear();
            server.command("LPUSH", "list", "x");
            assertThatThrownBy(() -> connection.ask("GET", redis -> redis.get("list".getBytes(StandardCharsets.UTF_8))))
                    .hasMessageContaining("WRONGTYPE");
            assertThat(connection.problem()).as("what is wrong with one key").isEmpty();
            assertThat(told).isEmpty();
        }
    }

    @Test
    void whatTheServerAnswersToAllCommandsIsAProblemUntilOneSucceeds() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        server.command("CONFIG", "SET", "busy-reply-threshold", "20");
        try (RedisConnection connection =
                RedisConnection.open(RedisOptions.at(server.address()).build(), telling(told))) {
            Thread script = new Thread(() -> server.command("EVAL", "\"while true do end\"", "0"));
            script.start();
            Eventually.holds(() -> server.command("PING").startsWith("-BUSY"));
            assertThatThrownBy(() -> set(connection)).hasMessageContaining("BUSY");
            assertThat(connection.problem()).contains("BUSY");
            server.command("SCRIPT", "KILL");
            script.join();
            connection.ask("GET", redis -> redis.get(KEY));
            assertThat(connection.problem()).isEmpty();
            assertThat(told).containsExactly("away", "back");
        } finally {
            server.command("CONFIG", "SET", "busy-reply-threshold", "5000");
        }
    }

    @Test
    void refusesWhatComesAfterClose() {
        RedisConnection connection = open(server.address());
        connection.close();
        connection.close();
        assertThatThrownBy(() -> connection.ask("GET", commands -> commands.get(KEY)))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("closed");
    }

    /** Asks until there is an answer, and the right one. */
    private static void awaitAnswer(BooleanSupplier question) {
        Eventually.holds(() -> {
            try {
                return question.getAsBoolean();
            } catch (TransientException e) {
                return false;
            }
        });
    }

    private static void set(RedisConnection connection) {
        connection.ask("SET", redis -> redis.set(KEY, KEY));
    }

    private static RedisListener telling(List<String> told) {
        return new RedisListener() {
            @Override
            public void onAway(String where, RuntimeException cause) {
                told.add("away");
            }

            @Override
            public void onBack(String where) {
                told.add("back");
            }
        };
    }

    private static RedisConnection open(String address) {
        return RedisConnection.open(RedisOptions.at(address).build(), RedisListener.NONE);
    }
}
