package io.tsdash.examples.monitoring;

import static io.tsdash.examples.monitoring.MonitoringFiles.dashboards;
import static io.tsdash.examples.monitoring.MonitoringFiles.filledIn;
import static io.tsdash.examples.monitoring.MonitoringFiles.json;
import static io.tsdash.examples.monitoring.MonitoringFiles.panels;
import static io.tsdash.examples.monitoring.MonitoringFiles.run;
import static io.tsdash.examples.monitoring.MonitoringFiles.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.tsdash.examples.monitoring.MonitoringFiles.PanelQueries;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Grafana's dashboards: their form by its own types, their queries by Prometheus's own parser. */
class DashboardsTest {
    private static final String SCHEMA = "grafana-dashboard.schema.json";

    @TempDir
    private Path folder;

    static List<Path> files() {
        return dashboards();
    }

    @ParameterizedTest
    @MethodSource("files")
    void isWhatGrafanaReads(Path file) throws IOException {
        assertThat(schema().validate(json(text(file)))).isEmpty();
        assertThat(json(text(file)).path("uid").asText() + ".json").isEqualTo(String.valueOf(file.getFileName()));
    }

    @Test
    void aWrongNameOrTypeIsFound() throws IOException {
        String good = text(dashboards().get(0));
        for (Map.Entry<String, String> spoilt : Map.of(
                        "\"refresh\"", "\"refesh\"", "\"h\": 4", "\"h\": \"4\"", "\"absolute\"", "\"abs\"")
                .entrySet()) {
            assertThat(schema().validate(json(good.replace(spoilt.getKey(), spoilt.getValue()))))
                    .as(spoilt.getValue())
                    .isNotEmpty();
        }
    }

    @Test
    void prometheusReadsEveryQuery() throws IOException {
        List<Map<String, String>> rules = new ArrayList<>();
        for (Path file : dashboards()) {
            for (PanelQueries panel : panels(file)) {
                for (String expression : panel.expressions()) {
                    rules.add(Map.of("record", "query:" + rules.size(), "expr", filledIn(expression, "1m", "1h")));
                }
            }
        }
        assertThat(rules).hasSizeGreaterThan(80);
        // JSON is YAML too.
        Path asRules = folder.resolve("queries.yml");
        new ObjectMapper()
                .writeValue(asRules.toFile(), Map.of("groups", List.of(Map.of("name", "panels", "rules", rules))));
        run(folder, "promtool", "check", "rules", "queries.yml");
    }

    @Test
    void thePageExplainsEveryPanel() {
        for (Path file : dashboards()) {
            String table = panels(file).stream()
                    .map(panel -> "| " + panel.title() + " | " + panel.description() + " |")
                    .collect(Collectors.joining("\n"));
            assertThat(text(MonitoringFiles.PAGE)).contains(table);
        }
    }

    private static JsonSchema schema() throws IOException {
        try (InputStream in = Objects.requireNonNull(DashboardsTest.class.getResourceAsStream(SCHEMA))) {
            return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(in);
        }
    }
}
