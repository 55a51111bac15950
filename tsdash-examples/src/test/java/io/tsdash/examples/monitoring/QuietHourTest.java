package io.tsdash.examples.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.examples.monitoring.Scrapes.Expected;
import io.tsdash.source.ConnectionState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * An hour of the reference server's life, on a clock by hand, under the rules that operators have: nothing is told while nothing
 * happens, and the fault that follows is told and over.
 */
@Timeout(300)
class QuietHourTest {
    private static final Duration QUIET = Duration.ofMinutes(65);
    private static final Duration FAULT = Duration.ofMinutes(5);
    private static final Duration AFTER = Duration.ofMinutes(15);
    private static final String EVER = "group by (alertname) (count_over_time(ALERTS[2h]))";
    private static final String FIRING = "group by (alertname) (ALERTS{alertstate=\"firing\"})";
    private static final String ANY = "group by (alertname) (ALERTS)";

    @TempDir
    private Path folder;

    @Test
    void nothingIsPendingOrToldInAnHourOfQuietAndAFeedThatStopsIsToldAndOver() throws Exception {
        try (VirtualMarket market = new VirtualMarket(folder)) {
            Scrapes scrapes = market.scrapes();
            market.feed(ConnectionState.LIVE);
            market.live(QUIET);
            Duration quiet = scrapes.newest();
            market.feed(ConnectionState.DOWN);
            market.live(FAULT);
            Duration fault = scrapes.newest();
            market.feed(ConnectionState.LIVE);
            market.live(AFTER);

            assertThat(scrapes.missing())
                    .as("what a server without Kafka does not have")
                    .containsExactly("tsdash_bus_dead_letters_total");
            // While the first is told the second is held back: see RoutesTest.
            List<String> told = List.of("TsdashFeedDown", "TsdashPricesStale");
            scrapes.assertAlerts(
                    Path.of("target", "quiet-hour"),
                    new Expected(quiet, EVER, List.of()),
                    new Expected(quiet.plusMinutes(2), FIRING, told),
                    new Expected(fault.plusMinutes(3), ANY, List.of()),
                    new Expected(scrapes.newest(), ANY, List.of()),
                    new Expected(scrapes.newest(), EVER, told));
        }
    }
}
