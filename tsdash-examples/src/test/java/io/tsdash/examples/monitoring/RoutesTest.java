package io.tsdash.examples.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.examples.monitoring.MonitoringFiles.AlertRule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Alertmanager is told of every alert that there is, by hand: each reaches its receiver, but for what follows from another. */
class RoutesTest {
    private static final Set<String> FOLLOW = Set.of(
            "TsdashPricesStale",
            "TsdashQuerySlow",
            "TsdashQueriesFailing",
            "TsdashStorePoolBusy",
            "TsdashBarsWaiting",
            "TsdashCacheHitsLow",
            "TsdashRequestErrors",
            "TsdashStreamLagging");

    @TempDir
    private Path folder;

    @Test
    void eachAlertReachesItsReceiverUnlessItFollowsFromAnother() throws IOException {
        try (Watch watch = new Watch(folder, "127.0.0.1:1")) {
            watch.awaitTold("TsdashDown"); // of another server than those below: holds nothing of them back
            List<AlertRule> alerts = new ArrayList<>(MonitoringFiles.alerts());
            alerts.removeIf(alert -> alert.name().equals("TsdashDown"));
            // The causes first: what is held back is so from the beginning.
            alerts.sort((one, other) -> Boolean.compare(FOLLOW.contains(one.name()), FOLLOW.contains(other.name())));
            for (AlertRule alert : alerts) {
                watch.tell(alert);
            }
            for (AlertRule alert : alerts) {
                if (!FOLLOW.contains(alert.name())) {
                    watch.awaitTold(alert.name());
                }
            }
            Set<String> told =
                    watch.receivers().notices().stream().map(Notice::alert).collect(Collectors.toSet());
            assertThat(told).doesNotContainAnyElementsOf(FOLLOW).hasSize(alerts.size() + 1 - FOLLOW.size());
            assertThat(watch.receivers().refused()).isEmpty();
            assertThat(watch.receivers().notices())
                    .allSatisfy(notice ->
                            assertThat(notice.receiver()).isEqualTo(MonitoringFiles.receiverOf(notice.alert())));
        }
    }
}
