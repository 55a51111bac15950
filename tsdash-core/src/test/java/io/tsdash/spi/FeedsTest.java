package io.tsdash.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.ConfigurationException;
import io.tsdash.error.InvalidInputException;
import io.tsdash.source.Feed;
import io.tsdash.time.TimeSource;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FeedsTest {

    @Test
    void listsWhatIsThereWhenAFeedIsUnknown() {
        assertThatThrownBy(() -> open("nyse:all", Map.of()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("feed was 'nyse:all' but there is none of that name. Available: none, replay, sim");
    }

    @Test
    void opensTheSimulatorWithOptions() {
        try (Feed feed = open("sim", Map.of("symbols", "5", "speed", "max", "late", "0.1", "sessions", "true"))) {
            assertThat(feed.name()).isEqualTo("sim");
        }
    }

    @Test
    void reportsAllProblemsOfTheSimulatorAtOnce() {
        assertThatThrownBy(() -> open("sim:x", Map.of("symbols", "0", "rate", "fast", "late", "2", "colour", "red")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("nothing may follow 'sim'")
                .hasMessageContaining("rate was 'fast' but it must be a number")
                .hasMessageContaining("symbols was '0.0' but it must be from 1.0 to 10000.0")
                .hasMessageContaining("lateShare was '2.0'")
                .hasMessageContaining("feed 'sim' has no option 'colour'");
    }

    @Test
    void reportsAllProblemsOfAReplayAtOnce() {
        assertThatThrownBy(() -> open("replay:", Map.of("speed", "-1", "restamp", "yes")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("must name a file")
                .hasMessageContaining("speed was '-1.0'")
                .hasMessageContaining("restamp was 'yes' but it must be true or false");
        assertThatThrownBy(() -> open("replay:nowhere.csv", Map.of()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("tape was 'nowhere.csv' but it must be a file that exists");
    }

    private static Feed open(String text, Map<String, String> options) {
        return Feeds.open(text, options, TimeSource.system());
    }
}
