package io.tsdash.examples.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.examples.monitoring.MonitoringFiles.AlertRule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Alertmanager is told of every alert that there is, by hand: each reaches its receiver, and what follows from another is held back. */
class RoutesTest {
    private static final Map<String, String> OF_ONE_SERVER =
            Map.of("job", "tsdash", "instance", "a", "store", "s", "step", "socket");
    private static final List<HeldBack> HELD_BACK = List.of(
            new HeldBack("TsdashDown", "TsdashRedisDown", "instance", "a", "b"),
            new HeldBack("TsdashFeedDown", "TsdashPricesStale", "instance", "a", "b"),
            new HeldBack("TsdashFeedDown", "TsdashStreamLagging", "job", "feed", "other"),
            new HeldBack("TsdashStoreDown", "TsdashQuerySlow", "store", "s", "other"),
            new HeldBack("TsdashStoreDown", "TsdashCacheHitsLow", "job", "store", "other"),
            new HeldBack("TsdashStoreDown", "TsdashStreamLagHigh", "step", "store", "socket"),
            new HeldBack("TsdashStoreDown", "TsdashBarsWaiting", "store", "s", "other"),
            new HeldBack("TsdashPartitionLagHigh", "TsdashStreamLagHigh", "step", "bars", "receipt"),
            new HeldBack("TsdashStreamLagHigh", "TsdashStreamLagging", "step", "socket", "bars"));

    private final Map<String, AlertRule> alerts =
            MonitoringFiles.alerts().stream().collect(Collectors.toMap(AlertRule::name, Function.identity()));

    @TempDir
    private Path folder;

    /** What follows from a cause where a label is the same, and is told for itself where it is another. */
    private record HeldBack(String cause, String follows, String label, String same, String other) {
        Map<String, String> labels(int number, String value) {
            Map<String, String> labels = new HashMap<>(OF_ONE_SERVER);
            labels.put("job", "job-" + number); // of its own, for others not to hold it back
            labels.merge(label, value, (before, now) -> label.equals("job") ? before + now : now);
            return labels;
        }
    }

    @Test
    void eachAlertReachesItsReceiver() throws IOException {
        try (Watch watch = new Watch(folder)) {
            alerts.forEach((name, alert) -> watch.tell(alert, Map.of("job", "of " + name), alert.summary()));
            watch.awaitTold(alerts.keySet().toArray(String[]::new));
            assertThat(watch.receivers().refused()).isEmpty();
            assertThat(watch.receivers().notices())
                    .allSatisfy(notice ->
                            assertThat(notice.receiver()).isEqualTo(MonitoringFiles.receiverOf(notice.alert())));
        }
    }

    @Test
    void eachRuleOfWhatIsHeldBackIsTriedBelow() {
        assertThat(MonitoringFiles.yaml(MonitoringFiles.FOLDER.resolve("alertmanager.yml"))
                        .path("inhibit_rules"))
                .hasSize(HELD_BACK.size());
    }

    @Test
    void eachCauseHoldsBackWhatFollowsFromItAndNothingElse() throws IOException {
        try (Watch watch = new Watch(folder)) {
            for (int i = 0; i < HELD_BACK.size(); i++) {
                HeldBack rule = HELD_BACK.get(i);
                tell(watch, rule.cause(), rule.labels(i, rule.same()), "cause " + i);
            }
            for (int i = 0; i < HELD_BACK.size(); i++) {
                String text = "cause " + i;
                watch.awaitTold(
                        HELD_BACK.get(i).cause(), notice -> notice.text().contains(text));
            }
            for (int i = 0; i < HELD_BACK.size(); i++) {
                HeldBack rule = HELD_BACK.get(i);
                tell(watch, rule.follows(), rule.labels(i, rule.same()), "follows " + i);
                tell(watch, rule.follows(), rule.labels(i, rule.other()), "is another " + i);
            }
            for (int i = 0; i < HELD_BACK.size(); i++) {
                String text = "is another " + i;
                watch.awaitTold(
                        HELD_BACK.get(i).follows(), notice -> notice.text().contains(text));
            }
            assertThat(watch.receivers().notices())
                    .extracting(Notice::text)
                    .noneMatch(text -> text.contains("follows"));
        }
    }

    @Test
    void anAlertOfTwoServersIsOneNotice() throws IOException {
        try (Watch watch = new Watch(folder)) {
            String alert = "TsdashRedisDown";
            tell(watch, alert, Map.of("job", "tsdash", "instance", "a"), "of a");
            tell(watch, alert, Map.of("job", "tsdash", "instance", "b"), "of b");
            watch.awaitTold(
                    alert,
                    notice -> notice.text().contains("of a") && notice.text().contains("of b"));
        }
    }

    private void tell(Watch watch, String alert, Map<String, String> labels, String summary) {
        AlertRule rule = alerts.get(alert);
        assertThat(rule).as(alert).isNotNull();
        watch.tell(rule, labels, summary);
    }
}
