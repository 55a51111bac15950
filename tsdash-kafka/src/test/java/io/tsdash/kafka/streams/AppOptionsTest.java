package io.tsdash.kafka.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.ConfigurationException;
import java.util.List;
import org.junit.jupiter.api.Test;

class AppOptionsTest {

    @Test
    void readsEachOptionThatTheHelpNames() {
        List<String> options = AppOptions.HELP
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith("--"))
                .map(line -> line.substring(0, line.indexOf(' ')))
                .toList();
        for (String option : options) {
            assertThatThrownBy(() -> AppOptions.parse(option, "x=y", "--no-such"))
                    .as(option)
                    .isInstanceOfSatisfying(
                            ConfigurationException.class,
                            e -> assertThat(e.problems())
                                    .noneMatch(problem -> problem.contains(option + "' but there is no such option")));
        }
        assertThat(options).hasSizeGreaterThan(15);
    }

    @Test
    void takesEverythingThatIsRight() {
        AppOptions options = AppOptions.parse(
                "--servers",
                "a:1",
                "--input",
                "t",
                "--intervals",
                "1s,1h",
                "--profiles",
                "1m:0.5",
                "--averages",
                "30s",
                "--lateness",
                "0s",
                "--threads",
                "2",
                "--retention",
                "48h",
                "--property",
                "security.protocol=SSL");

        assertThat(options.topology.build().outputs())
                .containsExactly("aggregates-1s", "aggregates-1h", "profiles-1m", "averages", "t.dead");
        assertThat(options.properties).containsEntry("num.stream.threads", 2).containsEntry("security.protocol", "SSL");
        assertThat(options.retention).hasHours(48);
    }

    @Test
    void tellsAllThatIsWrongAtOnce() {
        assertThatThrownBy(() -> AppOptions.parse(
                        "--format",
                        "xml",
                        "--threads",
                        "many",
                        "--colour",
                        "red",
                        "--mapping",
                        "price=p",
                        "--lateness"))
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems())
                                .contains(
                                        "--format: format was 'xml' but it must be one of protobuf, json, msgpack",
                                        "--threads was 'many' but it must be a whole number",
                                        "option was '--colour' but there is no such option; see --help",
                                        "--mapping: mapping had no symbol but it must say where it lies",
                                        "--lateness had no value but it must have one; see --help"));
    }
}
