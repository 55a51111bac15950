package io.tsdash.engines;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Apache SkyWalking's back end: takes traces by OTLP (gRPC) and shows them by Zipkin's API. Keeps them in memory. Thread-safe.
 */
public final class SkyWalkingServer implements AutoCloseable {
    private static final String VERSION = "10.1.0";
    private static final Duration ANSWER_MAX = Duration.ofSeconds(5);
    /** Files that it must find, and need say nothing here. */
    private static final Map<String, String> FILES = Map.of(
            "alarm-settings.yml",
            "rules: {}",
            "component-libraries.yml",
            "{}",
            "endpoint-name-grouping.yml",
            "grouping: []",
            "gateways.yml",
            "{}",
            "service-apdex-threshold.yml",
            "default: 500",
            "trace-sampling-policy-settings.yml",
            "default:\n  rate: 10000\n  duration: -1\n",
            "oal/core.oal",
            "",
            "oal/disable.oal",
            "",
            "log4j2.xml",
            "<Configuration status=\"WARN\"><Appenders><Console name=\"C\"/></Appenders>"
                    + "<Loggers><Root level=\"WARN\"><AppenderRef ref=\"C\"/></Root></Loggers></Configuration>");

    private final HttpClient http = HttpClient.newHttpClient();
    private final int otlpPort = EngineProcess.freePort();
    private final int queryPort = EngineProcess.freePort();
    private final EngineProcess process;

    private SkyWalkingServer(Path folder) {
        try {
            Path settings = folder.resolve("settings");
            for (String name : List.of("oal", "openapi-definitions", "otel-rules")) {
                Files.createDirectories(settings.resolve(name));
            }
            for (Map.Entry<String, String> file : FILES.entrySet()) {
                Files.writeString(settings.resolve(file.getKey()), file.getValue());
            }
            Files.writeString(settings.resolve("application.yml"), application());
            Path libraries = EngineProcess.installed(
                    EngineProcess.cache().resolve("skywalking/" + VERSION).resolve("lib"));
            process = EngineProcess.start(
                    "SkyWalking",
                    List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx384m",
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            settings + ":" + libraries + "/*",
                            "org.apache.skywalking.oap.server.starter.OAPServerStartUp"),
                    Map.of(),
                    folder.resolve("log"),
                    () -> EngineProcess.accepts(otlpPort) && EngineProcess.accepts(queryPort));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Starts it and waits until it takes traces.
     *
     * @param folder where its settings and its output go; made when it is not there
     */
    public static SkyWalkingServer start(Path folder) {
        return new SkyWalkingServer(folder);
    }

    /** Returns the port on the loopback that takes OTLP by gRPC. */
    public int otlpPort() {
        return otlpPort;
    }

    /** Returns a trace as Zipkin's API shows it: an array of spans in JSON; empty while there is none. */
    public String trace(String traceId) {
        return get("/zipkin/api/v2/trace/" + traceId);
    }

    /** Returns the newest traces of a service with a span of this name, as {@link #trace} shows each. */
    public String traces(String service, String span) {
        return get("/zipkin/api/v2/traces?limit=10&serviceName=" + service + "&spanName="
                + URLEncoder.encode(span, StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        process.close();
    }

    private String get(String path) {
        try {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + queryPort + path))
                            .timeout(ANSWER_MAX)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() == 200 ? answer.body() : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    private String application() throws IOException {
        try (InputStream template = SkyWalkingServer.class.getResourceAsStream("skywalking.yml")) {
            return new String(template.readAllBytes(), StandardCharsets.UTF_8)
                    .replace("@grpc@", Integer.toString(otlpPort))
                    .replace("@query@", Integer.toString(queryPort))
                    .replace("@rest@", Integer.toString(EngineProcess.freePort()))
                    .replace("@receiver@", Integer.toString(EngineProcess.freePort()));
        }
    }
}
