package io.tsdash.influx;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.engines.InfluxServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;

/** The real server that the tests of this module share, and names of databases that are not there yet. */
final class TestServers {
    private static final InfluxServer SHARED = InfluxServer.start(folder());

    private TestServers() {}

    static InfluxServer shared() {
        return SHARED;
    }

    static Path folder() {
        return Path.of("target", "influx-" + UUID.randomUUID()).toAbsolutePath();
    }

    /** Writes a line as somebody else would. */
    static void write(String database, String policy, String line) {
        URI address = URI.create(SHARED.address() + "/write?db=" + database + "&rp=" + policy);
        HttpRequest request = HttpRequest.newBuilder(address)
                .timeout(Duration.ofSeconds(30))
                .POST(HttpRequest.BodyPublishers.ofString(line))
                .build();
        try {
            HttpResponse<String> response =
                    HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).as(response.body()).isEqualTo(204);
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static String newDatabase() {
        return "t" + UUID.randomUUID().toString().replace("-", "");
    }
}
