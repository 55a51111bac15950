package io.tsdash.examples.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tsdash.observability.Kind;
import io.tsdash.observability.Metric;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Rules and dashboards name only what there is: metrics of the catalogue, what the rules record, and Micrometer's own. */
class MetricNamesTest {
    @Test
    void rulesNameMetricsOfTheCatalogue() {
        for (JsonNode rule : MonitoringFiles.rules()) {
            assertKnown(rule.path("expr").asText());
        }
    }

    @Test
    void dashboardsNameMetricsOfTheCatalogue() {
        for (Path file : MonitoringFiles.dashboards()) {
            MonitoringFiles.panels(file).forEach(panel -> panel.expressions().forEach(MetricNamesTest::assertKnown));
        }
    }

    @Test
    void dashboardsShowEveryMetricOfTheCatalogue() {
        Set<String> shown = new TreeSet<>();
        for (Path file : MonitoringFiles.dashboards()) {
            MonitoringFiles.panels(file)
                    .forEach(panel -> panel.expressions()
                            .forEach(expression -> shown.addAll(MonitoringFiles.metricsIn(expression))));
        }
        for (Metric metric : Metric.values()) {
            assertThat(shown).as(metric.metric()).containsAnyElementsOf(series(metric));
        }
    }

    private static void assertKnown(String expression) {
        Set<String> known = new TreeSet<>();
        for (Metric metric : Metric.values()) {
            known.addAll(series(metric));
        }
        MonitoringFiles.rules().forEach(rule -> known.add(rule.path("record").asText()));
        Set<String> named = MonitoringFiles.metricsIn(expression);
        named.removeIf(name -> name.matches("(jvm|process)_.*")); // AlertsArriveTest sees these
        assertThat(known).as(expression).containsAll(named);
    }

    private static List<String> series(Metric metric) {
        String name = metric.prometheus();
        return metric.kind() == Kind.HISTOGRAM
                ? List.of(name + "_bucket", name + "_sum", name + "_count")
                : List.of(name);
    }
}
