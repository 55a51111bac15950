package io.tsdash.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.engines.PostgresServer;
import io.tsdash.engines.RedisServer;
import io.tsdash.examples.Eventually;
import io.tsdash.examples.cli.Tsdash;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The scripts of {@code deploy} as an operator runs them. */
@Timeout(180)
class DeployScriptsTest {
    private static final int SYMBOLS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final List<String> PARTS = List.of("a", "b", "haproxy");

    @TempDir
    private Path folder;

    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void environment() throws IOException {
        for (String name : List.of("TSDASH_FRONT", "TSDASH_ADMIN", "TSDASH_A", "TSDASH_B")) {
            try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                environment.put(name, "127.0.0.1:" + free.getLocalPort());
            }
        }
        environment.put("TSDASH_RUN", folder.resolve("run").toString());
        environment.put("TSDASH_COMMAND", command().toString());
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        Path run = folder.resolve("run");
        if (Files.isDirectory(run)) {
            try (Stream<Path> left = Files.list(run)) {
                assertThat(left.filter(file -> file.toString().endsWith(".pid")))
                        .isEmpty();
            }
        }
    }

    @Test
    void twoServersServeAndAreRestartedInTurnWithoutAGap() throws Exception {
        try (LineSender venue = new LineSender(100, SYMBOLS);
                RedisServer redis = RedisServer.start(folder.resolve("redis"));
                PostgresServer postgres =
                        PostgresServer.start(Files.createTempDirectory(Path.of("target"), "postgres-deploy")
                                .toAbsolutePath())) {
            Path output = folder.resolve("two-servers.out");
            Process servers = start(
                    output,
                    "two-servers",
                    "--relay=redis://127.0.0.1:" + redis.port(),
                    "--store=timescale",
                    "--store-url=127.0.0.1:" + postgres.port() + "/postgres",
                    "--store-user=postgres",
                    "--feed=" + venue.feed(),
                    "--intervals=1s");
            try (StreamFollower stream = new StreamFollower(
                    "http://" + environment.get("TSDASH_FRONT") + "/stream?channels=trades:*", SYMBOLS)) {
                Eventually.holds(
                        "both serve: " + Files.readString(output),
                        PATIENCE,
                        () -> text(output).contains("two servers at") || !servers.isAlive());
                assertThat(text(output)).contains("two servers at http://" + environment.get("TSDASH_FRONT"));
                venue.start();
                Eventually.holds("trades come", PATIENCE, () -> stream.hasAllOf(SYMBOLS));
                Map<String, Long> before = pids();

                Path restart = folder.resolve("rolling-restart.out");
                assertThat(exit(start(restart, "rolling-restart")))
                        .as(text(restart))
                        .isZero();
                assertThat(text(restart)).contains("restarting a", "restarting b", "both have been restarted");
                assertThat(pids().get("haproxy")).isEqualTo(before.get("haproxy"));
                assertThat(pids()).doesNotContainEntry("a", before.get("a")).doesNotContainEntry("b", before.get("b"));

                long all = venue.stop();
                Eventually.holds("all trades have come", PATIENCE, () -> stream.hasAllOf(all));
                assertThat(stream.wrong()).isEmpty();
                assertThat(stream.connections()).isGreaterThan(1);
                assertPortsAreAskedFor();
                Map<String, Long> last = pids();
                assertThat(text(folder.resolve("run/a.log")))
                        .contains("\"ecs.version\":", "\"service.node.name\":\"" + environment.get("TSDASH_A"));

                servers.destroy();
                assertThat(exit(servers)).as(text(output)).isEqualTo(143);
                assertThat(last.values()).noneMatch(pid -> ProcessHandle.of(pid).isPresent());
            } finally {
                servers.destroy();
                servers.waitFor(30, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void scriptsSayHowTheyAreUsedAndWhatIsMissing() throws Exception {
        Path output = folder.resolve("out");
        for (String script : List.of("two-servers", "rolling-restart")) {
            assertThat(exit(start(output, script, "--help"))).isZero();
            assertThat(text(output)).startsWith("Usage: " + script);
        }
        assertThat(exit(start(output, "two-servers"))).isEqualTo(2);
        assertThat(text(output)).startsWith("Usage: two-servers");
        assertThat(exit(start(output, "rolling-restart"))).isEqualTo(1);
        assertThat(text(output)).contains("two-servers does not run in " + environment.get("TSDASH_RUN"));
        assertThat(exit(start(output, "two-servers", "--store=nothing-of-that-name")))
                .isEqualTo(1);
        assertThat(text(output)).contains("server a has ended", "nothing-of-that-name");
    }

    @Test
    void monitoringRunsBesideAServer() throws Exception {
        environment.put("TSDASH_TARGET", environment.get("TSDASH_A"));
        environment.put("TSDASH_PROMETHEUS", environment.get("TSDASH_FRONT"));
        environment.put("TSDASH_ALERTMANAGER", environment.get("TSDASH_ADMIN"));
        environment.put("TSDASH_SECRETS", folder.toString());
        Path output = folder.resolve("out");
        assertThat(exit(start(output, "monitoring/start", "--help"))).isZero();
        assertThat(text(output)).startsWith("Usage: start");

        Process monitoring = start(output, "monitoring/start");
        try {
            HttpRequest question = HttpRequest.newBuilder(
                            URI.create("http://" + environment.get("TSDASH_PROMETHEUS") + "/api/v1/targets"))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            Eventually.holds(
                    "Prometheus has the server to scrape: " + text(output),
                    PATIENCE,
                    () -> answer(question).contains("\"instance\":\"" + environment.get("TSDASH_A") + "\""));
            assertThat(text(output)).contains("there is no " + folder + "/slack-url: what needs it is told to nobody");
        } finally {
            monitoring.destroy();
        }
        assertThat(exit(monitoring)).as(text(output)).isEqualTo(143);
        assertThat(text(output)).contains("both have ended");
    }

    private static String answer(HttpRequest question) {
        try {
            return HttpClient.newHttpClient()
                    .send(question, HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            return ""; // not yet
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** A second start says which address is taken, and leaves the first alone. */
    private void assertPortsAreAskedFor() throws Exception {
        Path output = folder.resolve("second.out");
        assertThat(exit(start(output, "two-servers", "--store=memory"))).isEqualTo(1);
        assertThat(text(output)).contains(environment.get("TSDASH_FRONT") + " is in use; TSDASH_FRONT, ");
        assertThat(pids()).containsOnlyKeys(PARTS);
    }

    private Process start(Path output, String script, String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        Stream.concat(Stream.of(Path.of("deploy", script).toString()), Stream.of(arguments))
                                .toList())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static int exit(Process process) throws InterruptedException {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroy();
            throw new AssertionError("it still runs after " + PATIENCE);
        }
        return process.exitValue();
    }

    private Map<String, Long> pids() {
        Map<String, Long> pids = new HashMap<>();
        PARTS.forEach(part -> pids.put(
                part,
                Long.parseLong(
                        text(folder.resolve("run").resolve(part + ".pid")).strip())));
        return pids;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The command line without a build before it. */
    private Path command() throws IOException {
        Path file = folder.resolve("tsdash");
        Files.writeString(
                file,
                "#!/bin/sh\nexec '" + Path.of(System.getProperty("java.home"), "bin", "java") + "' -Xmx512m -cp '"
                        + System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")) + "' "
                        + Tsdash.class.getName() + " \"$@\"\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
        return file;
    }
}
