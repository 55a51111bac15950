package io.tsdash.examples.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tsdash.engines.ClickHouseServer;
import io.tsdash.engines.RedisServer;
import io.tsdash.examples.Eventually;
import io.tsdash.examples.logs.LogFormat;
import io.tsdash.examples.logs.ServerLog;
import io.tsdash.model.Trade;
import io.tsdash.time.TimeSource;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The log of a server whose store and cache ask for passwords, refuse them, and go away. */
@Timeout(180)
class SecretsInLogTest {
    private static final String OF_CACHE = "geheim-cache";
    private static final String WRONG = "geheim-wrong";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    @AfterEach
    void writeAsBefore() {
        ServerLog.write(LogFormat.TEXT, "", System.err, TimeSource.system());
    }

    @Test
    void noPasswordKeyOrTokenIsInIt() throws IOException {
        Path log = folder.resolve("server.log");
        String token = SignedToken.of("ann");
        try (ClickHouseServer engine = ClickHouseServer.start(folder.resolve("engine"));
                RedisServer redis = RedisServer.start(folder.resolve("redis"));
                OutputStream out = Files.newOutputStream(log)) {
            ServerLog.write(LogFormat.ECS, "test:1", out, TimeSource.system());
            redis.command("ACL", "SETUSER", "desk", "on", ">" + OF_CACHE, "~*", "&*", "+@all");
            Map<String, String> settings = new HashMap<>(Map.of(
                    "port",
                    "0",
                    "data",
                    folder.resolve("data").toString(),
                    "orders",
                    "none",
                    "store",
                    "clickhouse",
                    "store-url",
                    engine.url() + "/market",
                    "store-user",
                    ClickHouseServer.USER,
                    "cache",
                    "redis://desk:" + OF_CACHE + "@127.0.0.1:" + redis.port(),
                    "auth",
                    "secret:" + Files.writeString(folder.resolve("key"), SignedToken.SECRET),
                    "auth-issuer",
                    "test",
                    "auth-audience",
                    "tsdash"));

            refused(settings, "store-password", WRONG);
            settings.put("store-password", ClickHouseServer.PASSWORD);
            refused(settings, "cache", "redis://desk:" + WRONG + "@127.0.0.1:" + redis.port());
            SentFeed feed = new SentFeed();
            try (ReferenceServer server = new ReferenceServer(ServerSettings.of(settings), feed, TimeSource.system())) {
                server.start();
                Requests.get(server, "/latest?symbol=AAPL&access_token=" + token);
                Requests.get(server, "/latest?symbol=AAPL", "Authorization", "Bearer " + token + "x");
                redis.kill();
                engine.kill();
                feed.send(Trade.of("AAPL", TimeSource.system().epochNanos(), 7, 150.25, 100));
                Requests.get(server, "/historical/trades?symbol=AAPL", "Authorization", "Bearer " + token);
                Eventually.holds(
                        "what is away is told, not " + server.events(),
                        PATIENCE,
                        () -> server.events().keySet().stream().anyMatch(code -> code.startsWith("store-"))
                                && server.events().keySet().stream().anyMatch(code -> code.startsWith("redis-")));
                Eventually.holds(
                        "who was refused is told",
                        PATIENCE,
                        () -> server.events().containsKey("access-refused"));
            }
        }

        String text = Files.readString(log);
        assertThat(text).contains("store-", "redis-", "access-refused", "it did not start");
        assertThat(text).doesNotContain("geheim", ClickHouseServer.PASSWORD, SignedToken.SECRET, token);
    }

    /** Tries to start; what it says goes to the log, as it goes to the terminal. */
    private static void refused(Map<String, String> settings, String name, String value) {
        Map<String, String> wrong = new HashMap<>(settings);
        wrong.put(name, value);
        Throwable failure = catchThrowable(() -> {
            try (ReferenceServer server =
                    new ReferenceServer(ServerSettings.of(wrong), new SentFeed(), TimeSource.system())) {
                server.start();
            }
        });
        assertThat(failure).as("it starts with a wrong " + name).isNotNull();
        assertThat(failure.toString()).doesNotContain("geheim");
        LoggerFactory.getLogger("io.tsdash.test").error("it did not start", failure);
    }
}
