package io.tsdash.examples.recipes;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tsdash.distribution.Hub;
import io.tsdash.distribution.HubListener;
import io.tsdash.observability.HubMetrics;
import io.tsdash.observability.Listeners;
import io.tsdash.observability.Meters;
import io.tsdash.observability.MicrometerMeters;
import io.tsdash.observability.ServerMetrics;
import io.tsdash.store.MarketStore;
import io.tsdash.time.TimeSource;
import io.tsdash.transport.Page;
import io.tsdash.transport.TsdashServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A server whose metrics Prometheus reads at {@code /metrics}. */
public final class MeasuredServer {
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

    private MeasuredServer() {}

    /** Starts it, asks it something, and prints what was measured of that. */
    public static void main(String[] args) throws IOException, InterruptedException {
        TimeSource time = TimeSource.system();
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Meters meters = new MicrometerMeters(registry); // or new OpenTelemetryMeters(openTelemetry)
        ServerMetrics metrics = new ServerMetrics(meters, time);
        HubListener mine = HubListener.none(); // whatever hears of the hub besides
        Page page = accept -> new Page.Content(TEXT, registry.scrape().getBytes(StandardCharsets.UTF_8));

        try (MarketStore store = MarketStore.inMemory();
                Hub hub = Hub.builder()
                        .listener(Listeners.join(HubListener.class, List.of(mine, new HubMetrics(meters))))
                        .build();
                TsdashServer server = TsdashServer.builder(hub, store)
                        .port(0)
                        .connectionListener(metrics)
                        .trafficListener(metrics)
                        .accessListener(metrics)
                        .page("/metrics", "metrics", page)
                        .start()) {
            hub.start();
            HubMetrics.read(meters, hub);
            ServerMetrics.read(meters, server);

            get(server, "/symbols");
            get(server, "/metrics")
                    .lines()
                    .filter(line -> line.startsWith("http_server_request_duration_seconds_count"))
                    .forEach(System.out::println);
        }
    }

    private static String get(TsdashServer server, String path) throws IOException, InterruptedException {
        URI address = URI.create("http://127.0.0.1:" + server.port() + path);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
