package io.tsdash.examples.monitoring;

import static io.tsdash.examples.monitoring.MonitoringFiles.FOLDER;
import static io.tsdash.examples.monitoring.MonitoringFiles.PAGE;
import static io.tsdash.examples.monitoring.MonitoringFiles.RUNBOOKS;
import static io.tsdash.examples.monitoring.MonitoringFiles.alerts;
import static io.tsdash.examples.monitoring.MonitoringFiles.run;
import static io.tsdash.examples.monitoring.MonitoringFiles.text;
import static io.tsdash.examples.monitoring.MonitoringFiles.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.examples.monitoring.MonitoringFiles.AlertRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rules, routes and runbooks: what Prometheus and Alertmanager think of them, and that nothing is forgotten. */
class RulesTest {
    private static final Path TESTS = Path.of("src/test/java/io/tsdash/examples/monitoring");
    private static final Pattern TOLD = Pattern.compile("awaitTold\\([^)]*\\)");
    private static final Pattern NAME = Pattern.compile("\"(\\w+)\"");
    private static final Pattern ITALICS = Pattern.compile("(?<!\\*)\\*(?!\\*)([^*]+)(?<!\\*)\\*(?!\\*)");
    private static final Set<String> PROMETHEUS_PAGES = Set.of("Targets", "Service discovery");
    private static final Pattern MEANS = Pattern.compile("\\*\\*Means\\.\\*\\* (.*?[.:])(?:\\s|$)");

    @Test
    void prometheusAcceptsItsFiles() {
        run(FOLDER, "promtool", "check", "rules", "tsdash.rules.yml");
        run(FOLDER, "promtool", "check", "config", "prometheus.yml");
    }

    @Test
    void alertsFireWhenTheyShouldAndOnlyThen() {
        run(FOLDER, "promtool", "test", "rules", "tsdash.rules.test.yml");
    }

    @Test
    void everyAlertIsTestedToFireAndNotToFire() {
        Set<String> fires = new TreeSet<>();
        Set<String> rests = new TreeSet<>();
        yaml(FOLDER.resolve("tsdash.rules.test.yml"))
                .path("tests")
                .forEach(test -> test.path("alert_rule_test").forEach(expected -> {
                    Set<String> seen = expected.path("exp_alerts").isEmpty() ? rests : fires;
                    seen.add(expected.path("alertname").asText());
                }));
        Set<String> all = alerts().stream().map(AlertRule::name).collect(Collectors.toCollection(TreeSet::new));
        assertThat(fires).isEqualTo(all);
        assertThat(rests).isEqualTo(all);
    }

    @Test
    void everyAlertSaysHowBadItIsAndWhatToDo() throws IOException {
        for (AlertRule alert : alerts()) {
            assertThat(alert.severity()).as(alert.name()).isIn("critical", "high", "medium");
            assertThat(alert.summary()).as(alert.name()).isNotBlank();
            assertThat(alert.runbook()).isEqualTo("{{ $externalLabels.runbooks }}/" + alert.name() + ".md");
            assertThat(text(RUNBOOKS.resolve(alert.name() + ".md")))
                    .startsWith("# " + alert.name() + "\n\n" + alert.severity() + ":")
                    .contains("**Means.**", "**Users see.**", "**Look at.**", "**Do.**", "**Over when.**");
        }
        try (Stream<Path> pages = Files.list(RUNBOOKS)) {
            assertThat(pages).hasSize(alerts().size());
        }
    }

    /** What stands in italics is to be found on a screen. */
    @Test
    void runbooksNamePanelsThatThereAre() throws IOException {
        Set<String> titles = new TreeSet<>(PROMETHEUS_PAGES);
        for (Path dashboard : MonitoringFiles.dashboards()) {
            titles.add(dashboard.getFileName().toString().replaceAll("tsdash-|\\.json", ""));
            MonitoringFiles.panels(dashboard).forEach(panel -> titles.add(panel.title()));
        }
        for (AlertRule alert : alerts()) {
            assertThat(ITALICS.matcher(text(RUNBOOKS.resolve(alert.name() + ".md")))
                            .results()
                            .map(found -> found.group(1)))
                    .as(alert.name())
                    .allSatisfy(name -> assertThat(titles).containsAnyOf(name, name.toLowerCase(Locale.ROOT)));
        }
    }

    @Test
    void alertmanagerAcceptsItsFile() {
        run(FOLDER, "amtool", "check-config", "alertmanager.yml");
    }

    @ParameterizedTest
    @CsvSource({"critical, pagerduty", "high, slack", "medium, mail", "unheard-of, mail"})
    void eachSeverityHasItsReceiver(String severity, String receiver) {
        assertThat(run(
                        FOLDER,
                        "amtool",
                        "config",
                        "routes",
                        "test",
                        "--config.file=alertmanager.yml",
                        "--verify.receivers=" + receiver,
                        "severity=" + severity))
                .contains(receiver);
    }

    /** A rule that was renamed must not let go of what it held back. */
    @Test
    void whatHoldsOthersBackIsThere() {
        String names = alerts().stream().map(AlertRule::name).collect(Collectors.joining("\n"));
        yaml(FOLDER.resolve("alertmanager.yml")).path("inhibit_rules").forEach(rule -> {
            for (String side : List.of("source_matchers", "target_matchers")) {
                rule.path(side).forEach(matcher -> {
                    Matcher alert = Pattern.compile("alertname!?=~?\"(.*)\"").matcher(matcher.asText());
                    if (alert.matches()) {
                        assertThat(names.lines().filter(name -> name.matches(alert.group(1))))
                                .as(matcher.asText())
                                .hasSize(alert.group(1).split("\\|").length);
                    }
                });
            }
        });
    }

    /** A new alert takes a fault that raises it: the tests beside this one name each that they wait for. */
    @Test
    void eachAlertIsToldInARealFault() throws IOException {
        List<String> told = new ArrayList<>();
        try (Stream<Path> tests = Files.list(TESTS)) {
            for (Path test : tests.toList()) {
                TOLD.matcher(text(test))
                        .results()
                        .forEach(call -> NAME.matcher(call.group()).results().forEach(name -> told.add(name.group(1))));
            }
        }
        assertThat(told).containsAll(alerts().stream().map(AlertRule::name).toList());
    }

    @Test
    void thePageListsEveryAlert() {
        String table = alerts().stream().map(RulesTest::row).collect(Collectors.joining("\n"));
        assertThat(text(PAGE)).contains(table);
    }

    private static String row(AlertRule alert) {
        Matcher means = MEANS.matcher(text(RUNBOOKS.resolve(alert.name() + ".md")));
        assertThat(means.find()).as(alert.name()).isTrue();
        return "| [" + alert.name() + "](runbooks/" + alert.name() + ".md) | " + alert.severity() + " | "
                + alert.holds() + " | " + means.group(1).replaceFirst("[.:]$", "") + " |";
    }
}
