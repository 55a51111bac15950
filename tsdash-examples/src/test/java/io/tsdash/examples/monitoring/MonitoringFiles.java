package io.tsdash.examples.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The files in {@code deploy/monitoring}, and the programs that judge them. */
final class MonitoringFiles {
    static final Path FOLDER = Path.of("deploy", "monitoring");
    static final Path RUNBOOKS = Path.of("..", "docs", "runbooks");
    static final Path PAGE = Path.of("..", "docs", "monitoring.md");

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern QUOTED = Pattern.compile("\"[^\"]*\"");
    private static final Pattern METRIC =
            Pattern.compile("(?:[a-z_]+:)?(?:tsdash|http_server|jvm|process)_[a-z_]+(?::\\w+)?");
    private static final long TOOL_SECONDS_MAX = 60;

    private MonitoringFiles() {}

    /** A rule that tells somebody. */
    record AlertRule(String name, String severity, String holds, String runbook, String summary) {}

    /** A panel of a dashboard, with its queries as Grafana sends them, but for variables. */
    record PanelQueries(String title, String description, List<String> expressions) {}

    static JsonNode yaml(Path file) {
        try {
            return YAML.readTree(file.toFile());
        } catch (IOException e) {
            throw new AssertionError(file.toString(), e);
        }
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new AssertionError(text, e);
        }
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(file.toString(), e);
        }
    }

    static List<JsonNode> rules() {
        List<JsonNode> rules = new ArrayList<>();
        yaml(FOLDER.resolve("tsdash.rules.yml"))
                .path("groups")
                .forEach(group -> group.path("rules").forEach(rules::add));
        return rules;
    }

    static List<AlertRule> alerts() {
        return rules().stream()
                .filter(rule -> rule.has("alert"))
                .map(rule -> new AlertRule(
                        rule.path("alert").asText(),
                        rule.at("/labels/severity").asText(),
                        rule.path("for").asText("0"),
                        rule.at("/annotations/runbook_url").asText(),
                        rule.at("/annotations/summary").asText()))
                .toList();
    }

    /** Returns who is told of an alert, as its severity says. */
    static String receiverOf(String alert) {
        String severity = alerts().stream()
                .filter(each -> each.name().equals(alert))
                .map(AlertRule::severity)
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no alert " + alert));
        return switch (severity) {
            case "critical" -> "pagerduty";
            case "high" -> "slack";
            default -> "mail";
        };
    }

    static List<Path> dashboards() {
        try (Stream<Path> files = Files.list(FOLDER.resolve("grafana"))) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static List<PanelQueries> panels(Path dashboard) {
        List<PanelQueries> panels = new ArrayList<>();
        json(text(dashboard)).path("panels").forEach(panel -> {
            List<String> expressions = new ArrayList<>();
            panel.path("targets")
                    .forEach(target -> expressions.add(target.path("expr").asText()));
            panels.add(new PanelQueries(
                    panel.path("title").asText(), panel.path("description").asText(), expressions));
        });
        return panels;
    }

    /** Puts in for Grafana's variables what it would, when all servers are shown and so long a time. */
    static String filledIn(String expression, String rateInterval, String range) {
        return expression
                .replace("$__rate_interval", rateInterval)
                .replace("$__range", range)
                .replace("$instance", ".*");
    }

    /** Returns the metrics and recorded series that an expression names. */
    static Set<String> metricsIn(String expression) {
        Set<String> names = new TreeSet<>();
        METRIC.matcher(QUOTED.matcher(expression).replaceAll("\"\""))
                .results()
                .forEach(found -> names.add(found.group()));
        return names;
    }

    /** Runs a program that must agree, and returns what it says. */
    static String run(Path folder, String... command) {
        Tool tool = tool(folder, command);
        assertThat(tool.exit())
                .as("%s says %s", String.join(" ", command), tool.output())
                .isZero();
        return tool.output();
    }

    /** Runs a program to its end. */
    static Tool tool(Path folder, String... command) {
        Optional<Process> started = Optional.empty();
        try {
            Path output = Files.createTempFile("tool", ".out");
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            started = Optional.of(process);
            assertThat(process.waitFor(TOOL_SECONDS_MAX, TimeUnit.SECONDS))
                    .as("%s ends", command[0])
                    .isTrue();
            String said = Files.readString(output, StandardCharsets.UTF_8);
            Files.delete(output);
            return new Tool(process.exitValue(), said);
        } catch (IOException e) {
            throw new AssertionError(command[0] + " is not there; scripts/engines installs it", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        } finally {
            started.ifPresent(Process::destroyForcibly);
        }
    }

    /** How a program ended. */
    record Tool(int exit, String output) {}
}
