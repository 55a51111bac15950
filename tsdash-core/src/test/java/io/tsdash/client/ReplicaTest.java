package io.tsdash.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.distribution.Position;
import io.tsdash.distribution.ServerMessage;
import io.tsdash.distribution.SnapshotReason;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReplicaTest {
    private final Replica replica = Replica.keepingLogRows(100);

    @Test
    void changeMergesTheFieldsThatChangedAndDropsThoseThatVanished() {
        apply(snapshot("p", 5, SnapshotReason.SUBSCRIBED, "k", row("k", "a", "x", 1L, "y", 2L)));
        assertThat(apply(delta("p", 5, 7, row("k", "a", "x", null, "y", 3L)))).isEqualTo(Replica.Outcome.APPLIED);
        assertThat(replica.rows("p")).containsExactly(row("k", "a", "y", 3L));
        apply(delta("p", 7, 8, row("k", "a", "removed", true)));
        assertThat(replica.rows("p")).isEmpty();
        assertThat(replica.position("p")).contains(new Position("e", 8));
    }

    @Test
    void gapStopsTheChannelUntilItIsRepaired() {
        apply(snapshot("p", 5, SnapshotReason.SUBSCRIBED, "k", row("k", "a", "x", 1L)));
        assertThat(apply(delta("p", 6, 7, row("k", "a", "x", 9L)))).isEqualTo(Replica.Outcome.GAP);
        assertThat(apply(delta("p", 5, 6, row("k", "a", "x", 9L))))
                .as("even one that would fit")
                .isEqualTo(Replica.Outcome.GAP);
        assertThat(replica.gaps()).containsExactly("p");
        assertThat(replica.rows("p")).containsExactly(row("k", "a", "x", 1L));
        apply(new ServerMessage.Resumed("p", new Position("e", 5)));
        assertThat(apply(delta("p", 5, 7, row("k", "a", "x", 9L)))).isEqualTo(Replica.Outcome.APPLIED);
        assertThat(replica.gaps()).isEmpty();
    }

    @Test
    void changeOfAnUnknownChannelIsAGap() {
        assertThat(apply(delta("p", 0, 1, row("k", "a")))).isEqualTo(Replica.Outcome.GAP);
        assertThat(replica.positions()).isEmpty();
    }

    @Test
    void resumedFromAnOlderPlaceSkipsTheRowsOfALogThatAreThere() {
        apply(snapshot("l", 2, SnapshotReason.SUBSCRIBED, "", row("n", 1L), row("n", 2L)));
        apply(delta("l", 2, 3, row("n", 3L)));
        apply(new ServerMessage.Resumed("l", new Position("e", 1)));
        assertThat(apply(delta("l", 1, 4, row("n", 2L), row("n", 3L), row("n", 4L))))
                .isEqualTo(Replica.Outcome.APPLIED);
        assertThat(replica.rows("l")).containsExactly(row("n", 1L), row("n", 2L), row("n", 3L), row("n", 4L));
    }

    @Test
    void resumedInAnotherLifeOrAheadIsAGap() {
        apply(snapshot("l", 2, SnapshotReason.SUBSCRIBED, "", row("n", 1L), row("n", 2L)));
        assertThat(apply(new ServerMessage.Resumed("l", new Position("e", 3)))).isEqualTo(Replica.Outcome.GAP);
        assertThat(apply(new ServerMessage.Resumed("l", new Position("f", 2)))).isEqualTo(Replica.Outcome.GAP);
    }

    @Test
    void logShownAgainIsAResetOnlyWhenItDoesNotReachBack() {
        apply(snapshot("l", 2, SnapshotReason.SUBSCRIBED, "", row("n", 1L), row("n", 2L)));
        assertThat(apply(snapshot("l", 3, SnapshotReason.SUBSCRIBED, "", row("n", 2L), row("n", 3L))))
                .isEqualTo(Replica.Outcome.APPLIED);
        assertThat(replica.rows("l")).containsExactly(row("n", 1L), row("n", 2L), row("n", 3L));
        assertThat(apply(snapshot("l", 9, SnapshotReason.SUBSCRIBED, "", row("n", 8L), row("n", 9L))))
                .isEqualTo(Replica.Outcome.RESET);
        assertThat(replica.resets("l")).isEqualTo(1);
    }

    @Test
    void resetIsCounted() {
        apply(snapshot("p", 5, SnapshotReason.SUBSCRIBED, "k", row("k", "a")));
        assertThat(apply(snapshot("p", 6, SnapshotReason.RESET, "k", row("k", "b"))))
                .isEqualTo(Replica.Outcome.RESET);
        assertThat(replica.resets("p")).isEqualTo(1);
        assertThat(replica.rows("p")).containsExactly(row("k", "b"));
    }

    private Replica.Outcome apply(ServerMessage message) {
        return replica.apply(message);
    }

    @SafeVarargs
    @SuppressWarnings("varargs") // only read
    private static ServerMessage snapshot(
            String channel, long sequence, SnapshotReason reason, String key, Map<String, @Nullable Object>... rows) {
        return new ServerMessage.Snapshot(channel, new Position("e", sequence), reason, key, List.of(rows));
    }

    @SafeVarargs
    @SuppressWarnings("varargs") // only read
    private static ServerMessage delta(
            String channel, long previous, long sequence, Map<String, @Nullable Object>... rows) {
        return new ServerMessage.Delta(channel, previous, sequence, List.of(rows));
    }

    private static Map<String, @Nullable Object> row(@Nullable Object... pairs) {
        Map<String, @Nullable Object> row = new HashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            row.put(String.valueOf(pairs[i]), pairs[i + 1]);
        }
        return row;
    }
}
