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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
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
        List<String> told = new ArrayList<>();
        RedisListener listener = new RedisListener() {
            @Override
            public void onAway(String where, RuntimeException cause) {
                told.add("away");
            }

            @Override
            public void onBack(String where) {
                told.add("back");
            }
        };
        try (FaultProxy wire = FaultProxy.to("127.0.0.1", server.port());
                RedisConnection connection = RedisConnection.open(
                        RedisOptions.at("redis://127.0.0.1:" + wire.port())
                                .timeout(Duration.ofMillis(100))
                                .breaker(3, Duration.ofMillis(200))
                                .build(),
                        listener)) {
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
            Eventually.holds(() -> {
                try {
                    connection.ask("GET", commands -> commands.get(KEY));
                    return true;
                } catch (TransientException e) {
                    return false;
                }
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
    void refusesWhatComesAfterClose() {
        RedisConnection connection = open(server.address());
        connection.close();
        connection.close();
        assertThatThrownBy(() -> connection.ask("GET", commands -> commands.get(KEY)))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("closed");
    }

    private static RedisConnection open(String address) {
        return RedisConnection.open(RedisOptions.at(address).build(), RedisListener.NONE);
    }
}
