package io.tsdash.examples.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tsdash.examples.monitoring.MonitoringFiles.Tool;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Makes an hour of a few seconds, for {@code promtool test rules}: what a real Prometheus has scraped of a server, for the
 * metrics that the rules name, goes on as it was. Counters grow at the pace that was seen, all else stays at its last value.
 * The rules are those of operators, with their true times.
 */
final class QuietHour {
    private static final int STEP_SECONDS = 15;
    private static final int STEPS = 3_600 / STEP_SECONDS;

    private final Path folder;
    private final List<Map<String, String>> series = new ArrayList<>();

    /**
     * Records.
     *
     * @param watch has scraped the server for a while
     * @param seconds the newest, that the pace is taken of
     * @param folder where the test is written
     */
    QuietHour(Watch watch, int seconds, Path folder) {
        this.folder = folder;
        for (String metric : named()) {
            watch.query("{job=\"tsdash\", __name__=\"" + metric + "\"}[" + seconds + "s]")
                    .forEach(result -> series.add(Map.of(
                            "series", name(result.path("metric")), "values", values(metric, result.path("values")))));
        }
    }

    /** Returns the metrics of the rules that no series was recorded of. */
    Set<String> missing() {
        return named().stream()
                .filter(metric -> series.stream()
                        .noneMatch(each -> each.getOrDefault("series", "").startsWith(metric + "{")))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * Lives through the hour, and returns what promtool says of a test by which no alert fires in it.
     *
     * @param instead a series that has other values in this hour, by its beginning
     * @param values those, in promtool's notation; empty: nothing is otherwise
     */
    Tool live(String instead, String values) throws IOException {
        List<Map<String, String>> input = new ArrayList<>();
        for (Map<String, String> each : series) {
            Map<String, String> changed = new LinkedHashMap<>(each);
            if (!values.isEmpty() && each.getOrDefault("series", "").startsWith(instead)) {
                changed.put("values", values);
            }
            input.add(changed);
        }
        Map<String, Object> quiet = Map.of(
                "expr",
                "count_over_time(ALERTS{alertstate=\"firing\"}[1h])",
                "eval_time",
                "1h",
                "exp_samples",
                List.of());
        Map<String, Object> test = Map.of(
                "name",
                "an hour of quiet",
                "interval",
                STEP_SECONDS + "s",
                "input_series",
                input,
                "promql_expr_test",
                List.of(quiet));
        Map<String, Object> file = Map.of(
                "rule_files",
                List.of("tsdash.rules.yml"),
                "evaluation_interval",
                STEP_SECONDS + "s",
                "tests",
                List.of(test));
        Files.createDirectories(folder);
        Files.copy(
                MonitoringFiles.FOLDER.resolve("tsdash.rules.yml"),
                folder.resolve("tsdash.rules.yml"),
                StandardCopyOption.REPLACE_EXISTING);
        // JSON is YAML too.
        new ObjectMapper().writeValue(folder.resolve("quiet.test.yml").toFile(), file);
        return MonitoringFiles.tool(folder, "promtool", "test", "rules", "quiet.test.yml");
    }

    /** Those of the rules that are scraped, not recorded. */
    private static Set<String> named() {
        Set<String> names = new TreeSet<>(Set.of("up"));
        MonitoringFiles.rules()
                .forEach(rule ->
                        names.addAll(MonitoringFiles.metricsIn(rule.path("expr").asText())));
        names.removeIf(name -> name.contains(":"));
        return names;
    }

    private static String name(JsonNode metric) {
        List<String> labels = new ArrayList<>();
        metric.properties().forEach(label -> {
            if (!label.getKey().equals("__name__")) {
                labels.add(label.getKey() + "=\"" + label.getValue().asText() + "\"");
            }
        });
        return metric.path("__name__").asText() + "{" + String.join(",", labels) + "}";
    }

    private static String values(String metric, JsonNode samples) {
        JsonNode first = samples.path(0);
        JsonNode last = samples.path(samples.size() - 1);
        double seconds = last.path(0).asDouble() - first.path(0).asDouble();
        double grown = last.path(1).asDouble() - first.path(1).asDouble();
        boolean counts = metric.matches(".*_(total|bucket|count|sum)") && seconds > 0;
        return plain(last.path(1).asDouble()) + "+" + plain(counts ? grown / seconds * STEP_SECONDS : 0) + "x" + STEPS;
    }

    private static String plain(double value) {
        return new BigDecimal(value).round(MathContext.DECIMAL64).toPlainString();
    }
}
