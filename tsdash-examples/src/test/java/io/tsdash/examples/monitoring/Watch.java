package io.tsdash.examples.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tsdash.engines.AlertmanagerServer;
import io.tsdash.engines.PrometheusServer;
import io.tsdash.examples.Eventually;
import io.tsdash.examples.monitoring.MonitoringFiles.AlertRule;
import io.tsdash.examples.monitoring.MonitoringFiles.PanelQueries;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A real Prometheus and a real Alertmanager that watch servers and tell {@link Receivers}.
 *
 * <p>They run copies of the files in {@code deploy/monitoring} in which all times are cut: windows, offsets and the youth of a process to 5 s (half
 * an hour, and what is seen of a slow store, to 30 s), what an alert must hold to 1 s, and how long it stays to 6 s; scrapes and rules to 1 s, Alertmanager's pauses to 1 s. Addresses and secrets are the
 * receivers'. All else, thresholds, names, routes, texts, is as operators get it.
 */
final class Watch implements AutoCloseable {
    private static final Duration ANSWER_MAX = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final HttpClient client = HttpClient.newHttpClient();
    private final Path folder;
    private final Receivers receivers = new Receivers();
    private final AlertmanagerServer alertmanager;
    private final PrometheusServer prometheus;

    /**
     * Starts both.
     *
     * @param folder of the copies, data and logs
     * @param targets host and port of each server
     */
    Watch(Path folder, String... targets) throws IOException {
        this.folder = folder;
        Path secrets = Files.createDirectories(folder.resolve("secrets"));
        Files.writeString(secrets.resolve("pagerduty-key"), Receivers.PAGERDUTY_KEY);
        Files.writeString(secrets.resolve("slack-url"), receivers.address() + Receivers.SLACK_PATH);
        Files.writeString(secrets.resolve("smtp-password"), Receivers.MAIL_PASSWORD);
        alertmanager = AlertmanagerServer.start(
                copy(
                        folder,
                        "alertmanager.yml",
                        text -> text.replace("/etc/tsdash/secrets", secrets.toString())
                                .replace(
                                        "mail.example.com:587", receivers.mailAddress() + "\n  smtp_require_tls: false")
                                .replace("global:", "global:\n  pagerduty_url: " + receivers.address() + "/v2/enqueue")
                                .replaceAll("group_wait: \\w+", "group_wait: 1s")
                                .replaceAll("group_interval: \\w+", "group_interval: 1s")),
                folder);
        copy(
                folder,
                "tsdash.rules.yml",
                text -> text.replace("[30m]", "[30s]")
                        .replace("{outcome=\"replayed\"}[5m]", "{outcome=\"replayed\"}[30s]")
                        .replaceAll("time\\(\\) - \\d+", "time() - 5")
                        .replaceAll("\\[\\d+m]", "[5s]")
                        .replaceAll("offset \\d+m", "offset 5s")
                        .replaceAll("(?m)^( +)for: \\w+", "$1for: 1s")
                        .replaceAll("keep_firing_for: \\w+", "keep_firing_for: 6s"));
        prometheus = PrometheusServer.start(configuration(targets), folder);
    }

    /** An operator changes what Prometheus scrapes: it reads its file again. */
    void scrape(String... targets) throws IOException {
        configuration(targets);
        prometheus.reload();
    }

    /** Returns where Alertmanager is, host and port: another program that answers a scrape. */
    String alertmanagerAddress() {
        return alertmanager.address();
    }

    Receivers receivers() {
        return receivers;
    }

    /** Returns what a query answers, each result a node with {@code metric} and {@code value}. */
    JsonNode query(String expression) {
        JsonNode answer = get("/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8));
        if (!answer.path("status").asText().equals("success")) {
            throw new AssertionError(expression + ": " + answer);
        }
        return answer.at("/data/result");
    }

    /** Returns the names of the alerts that Prometheus holds to be firing, told or held back. */
    Set<String> firing() {
        Set<String> names = new TreeSet<>();
        get("/api/v1/alerts").at("/data/alerts").forEach(alert -> {
            if (alert.path("state").asText().equals("firing")) {
                names.add(alert.at("/labels/alertname").asText());
            }
        });
        return names;
    }

    /** Tells Alertmanager of an alert, as Prometheus would. */
    void tell(AlertRule alert, Map<String, String> labels, String summary) {
        List<String> command = new ArrayList<>(List.of(
                "amtool",
                "--alertmanager.url=http://" + alertmanager.address(),
                "alert",
                "add",
                "alertname=" + alert.name(),
                "severity=" + alert.severity(),
                "--annotation=summary=" + summary,
                "--annotation=runbook_url=docs/runbooks/" + alert.name() + ".md"));
        labels.forEach((name, value) -> command.add(name + "=" + value));
        MonitoringFiles.run(MonitoringFiles.FOLDER, command.toArray(String[]::new));
    }

    /** Waits until receivers have heard of these alerts. */
    void awaitTold(String... alerts) {
        for (String alert : alerts) {
            awaitTold(alert, notice -> true);
        }
    }

    /** Waits until a receiver has heard of this alert what is wanted. */
    void awaitTold(String alert, Predicate<Notice> wanted) {
        await(
                alert + " is told",
                () -> receivers.notices().stream()
                        .anyMatch(notice -> notice.firing() && notice.alert().equals(alert) && wanted.test(notice)));
    }

    /** Waits until Prometheus has an answer of a target. */
    void awaitUp(String target) {
        await(
                target + " is scraped",
                () -> !query("up{job=\"tsdash\", instance=\"" + target + "\"} == 1")
                        .isEmpty());
    }

    /** Waits until nothing of this alert fires any more, and its receiver has heard so. */
    void awaitOver(String alert) {
        await(
                alert + " is over",
                () -> !firing().contains(alert)
                        && newest(alert).filter(Notice::firing).isEmpty());
    }

    /** Waits until Prometheus holds these alerts to be firing, told or held back; one after the other. */
    void awaitFiring(String... alerts) {
        for (String alert : alerts) {
            await(alert + " fires", () -> firing().contains(alert));
        }
    }

    /** Waits until nothing fires any more, and receivers have heard of all that was told that it is over. */
    void awaitQuiet() {
        await(
                "all is over",
                () -> firing().isEmpty()
                        && receivers.notices().stream()
                                .noneMatch(told ->
                                        newest(told.alert()).orElse(told).firing()));
    }

    /**
     * Asks each query of the dashboards.
     *
     * @param answered whether it must have an answer: the servers have what it asks for
     */
    void panelsHaveData(Predicate<String> answered) {
        for (Path file : MonitoringFiles.dashboards()) {
            for (PanelQueries panel : MonitoringFiles.panels(file)) {
                for (String expression : panel.expressions()) {
                    JsonNode answer = query(MonitoringFiles.filledIn(expression, "5s", "10s"));
                    if (answered.test(expression)) {
                        assertThat(answer).as(panel.title() + ": " + expression).isNotEmpty();
                    }
                }
            }
        }
    }

    /** Holds what was told to the rules: each by its own receiver, in its form, with the runbook. */
    void everyoneWasTold() {
        assertThat(receivers.refused()).isEmpty();
        assertThat(receivers.notices()).allSatisfy(notice -> {
            assertThat(notice.receiver()).isEqualTo(MonitoringFiles.receiverOf(notice.alert()));
            assertThat(notice.text()).isNotBlank();
        });
        assertThat(receivers.notices())
                .filteredOn(Notice::firing)
                .allSatisfy(notice -> assertThat(notice.runbook()).endsWith("docs/runbooks/" + notice.alert() + ".md"));
    }

    private void await(String what, BooleanSupplier condition) {
        try {
            Eventually.holds(what, PATIENCE, condition);
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; " + this, e);
        }
    }

    @Override
    public String toString() {
        return "firing: " + firing() + ", refused: " + receivers.refused() + ", told: " + receivers.notices();
    }

    @Override
    public void close() {
        prometheus.close();
        alertmanager.close();
        receivers.close();
    }

    private Path configuration(String... targets) throws IOException {
        return copy(
                folder,
                "prometheus.yml",
                text -> text.replace(
                                "'127.0.0.1:8080'",
                                Stream.of(targets)
                                        .map(target -> "'" + target + "'")
                                        .collect(Collectors.joining(", ")))
                        .replace("127.0.0.1:9093", alertmanager.address())
                        .replaceAll("(scrape|evaluation)_interval: \\w+", "$1_interval: 1s")
                        .replaceAll("scrape_timeout: \\w+", "scrape_timeout: 1s"));
    }

    private Optional<Notice> newest(String alert) {
        return receivers.notices().stream()
                .filter(notice -> notice.alert().equals(alert))
                .reduce((earlier, later) -> later);
    }

    private JsonNode get(String path) {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create(prometheus.address() + path))
                    .timeout(ANSWER_MAX)
                    .build();
            return MonitoringFiles.json(
                    client.send(request, HttpResponse.BodyHandlers.ofString()).body());
        } catch (IOException e) {
            throw new AssertionError(path + ": " + prometheus.output(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(path, e);
        }
    }

    private static Path copy(Path folder, String name, UnaryOperator<String> cut) throws IOException {
        return Files.writeString(
                folder.resolve(name), cut.apply(Files.readString(MonitoringFiles.FOLDER.resolve(name))));
    }
}
