package io.tsdash.observability;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Holds docs/metrics.md to {@link Metric}; {@code -Dtsdash.metrics.write=true} writes its table anew. */
class CatalogueTest {
    private static final Path PAGE = Path.of("../docs/metrics.md");
    private static final String BEGIN = "<!-- table of Metric.java: begin -->\n";
    private static final String END = "<!-- table of Metric.java: end -->\n";
    private static final Set<String> NEVER_TAGS = Set.of("symbol", "user", "session", "client", "key", "channel");

    @Test
    void pageShowsTheMetricsThatThereAre() throws IOException {
        String page = Files.readString(PAGE);
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        int end = page.indexOf(END);
        if (Boolean.getBoolean("tsdash.metrics.write")) {
            Files.writeString(PAGE, page.substring(0, begin) + table() + page.substring(end));
            return;
        }
        assertThat(page.substring(begin, end))
                .as("the table in %s; -Dtsdash.metrics.write=true writes it anew", PAGE)
                .isEqualTo(table());
    }

    @Test
    void namesAreOnceAndTagsAreFew() {
        Set<String> names = new HashSet<>();
        for (Metric metric : Metric.values()) {
            assertThat(names.add(metric.prometheus())).as(metric.prometheus()).isTrue();
            assertThat(metric.metric()).matches("(tsdash|http\\.server)(\\.[a-z]+)+");
            assertThat(metric.description()).as(metric.metric()).isNotBlank().doesNotEndWith(".");
            assertThat(metric.tags()).as(metric.metric()).doesNotContainAnyElementsOf(NEVER_TAGS);
        }
    }

    private static String table() {
        return "| metric | in Prometheus | kind | unit | tags | what |\n| --- | --- | --- | --- | --- | --- |\n"
                + Arrays.stream(Metric.values()).map(CatalogueTest::row).collect(Collectors.joining());
    }

    private static String row(Metric metric) {
        return "| `" + metric.metric() + "` | `" + metric.prometheus() + "` | "
                + metric.kind().name().toLowerCase(Locale.ROOT) + " | "
                + metric.unit().word() + " | "
                + metric.tags().stream().map(tag -> "`" + tag + "`").collect(Collectors.joining(", ")) + " | "
                + metric.description() + " |\n";
    }
}
