package io.tsdash.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.ConfigurationException;
import io.tsdash.relay.RelaySettings;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RelaySettingsTest {
    @Test
    void everythingThatIsWrongIsSaidAtOnce() {
        assertThatThrownBy(() ->
                        new RelaySettings(" ", Duration.ZERO, Duration.ofMillis(-5), 0, 0, Duration.ofSeconds(-1)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("node was ' ' but it must have a name")
                .hasMessageContaining("renewEvery was 'PT0S' but it must be more than 0")
                .hasMessageContaining("pace was 'PT-0.005S' but it must be more than 0")
                .hasMessageContaining("staleAfter was 'PT-1S' but it must be more than 0")
                .hasMessageContaining("snapshotAfter was '0' but it must be at least 1")
                .hasMessageContaining("waitingBytesMax was '0' but it must be at least 1");
    }

    @Test
    void theDefaultsRenewALeaseWellBeforeItEnds() {
        assertThat(RelaySettings.of("a", Duration.ofMillis(1_500)).renewEvery()).isEqualTo(Duration.ofMillis(250));
    }
}
