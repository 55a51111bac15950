package io.tsdash.examples.monitoring;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What Prometheus would have scraped of one server, one page after the other, for {@code promtool test rules}: of the metrics that
 * the rules name, every sample. The rules are those of operators, with their true times. One thread.
 */
final class Scrapes {
    /** As in {@code prometheus.yml}. */
    static final Duration INTERVAL = Duration.ofSeconds(15);

    private static final String TARGET = "instance=\"virtual\",job=\"tsdash\"";
    private static final String ABSENT = "_";

    private final Set<String> named = named();
    private final Map<String, List<String>> series = new LinkedHashMap<>();
    private int pages;

    /** An expression that, at a time after the first page, has a result for each of these alerts and no other. */
    record Expected(Duration at, String expression, List<String> alerts) {}

    /** Takes the next page. */
    void add(String page) {
        add("up", "up", "1");
        page.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            int value = line.lastIndexOf(' ');
            String series = line.substring(0, value);
            add(series.replaceFirst("\\{.*", ""), series, line.substring(value + 1));
        });
        pages++;
    }

    /** Returns how long after the first page the newest came. */
    Duration newest() {
        return INTERVAL.multipliedBy(pages - 1L);
    }

    /** Returns the metrics of the rules that were on no page. */
    Set<String> missing() {
        Set<String> missing = new TreeSet<>(named);
        missing.removeIf(metric -> series.keySet().stream().anyMatch(each -> each.startsWith(metric + "{")));
        return missing;
    }

    /**
     * Holds that the rules, on these pages, come to what is expected.
     *
     * @param folder where the test for promtool is written
     */
    void assertAlerts(Path folder, Expected... expected) throws IOException {
        List<Map<String, Object>> input = new ArrayList<>();
        series.forEach((name, values) -> input.add(Map.of("series", name, "values", String.join(" ", values))));
        List<Map<String, Object>> questions = new ArrayList<>();
        for (Expected each : expected) {
            List<Map<String, Object>> samples = new ArrayList<>();
            for (String alert : each.alerts()) {
                samples.add(Map.of("labels", "{alertname=\"" + alert + "\"}", "value", 1));
            }
            questions.add(Map.of(
                    "expr", each.expression(), "eval_time", each.at().toSeconds() + "s", "exp_samples", samples));
        }
        String interval = INTERVAL.toSeconds() + "s";
        Map<String, Object> test = Map.of("interval", interval, "input_series", input, "promql_expr_test", questions);
        Map<String, Object> file = Map.of(
                "rule_files", List.of("tsdash.rules.yml"), "evaluation_interval", interval, "tests", List.of(test));
        Files.createDirectories(folder);
        Files.copy(
                MonitoringFiles.FOLDER.resolve("tsdash.rules.yml"),
                folder.resolve("tsdash.rules.yml"),
                StandardCopyOption.REPLACE_EXISTING);
        // JSON is YAML too.
        new ObjectMapper().writeValue(folder.resolve("scraped.test.yml").toFile(), file);
        MonitoringFiles.run(folder, "promtool", "test", "rules", "scraped.test.yml");
    }

    private void add(String metric, String name, String value) {
        if (named.contains(metric)) {
            String labelled =
                    name.contains("{") ? name.replaceFirst("\\{", "{" + TARGET + ",") : name + "{" + TARGET + "}";
            List<String> values = series.computeIfAbsent(labelled, key -> new ArrayList<>());
            while (values.size() < pages) {
                values.add(ABSENT);
            }
            values.add(value.equals("NaN") ? value : new BigDecimal(value).toPlainString());
        }
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
}
