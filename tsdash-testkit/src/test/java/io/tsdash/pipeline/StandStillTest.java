package io.tsdash.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StandStillTest {
    private final StandStill standStill = new StandStill();
    private final Map<Integer, Long> waiting = new HashMap<>(Map.of(0, 0L, 1, 0L));
    private final long[] handled = new long[2];

    @Test
    void isAsLongAsEventsOfAPartitionWaitAndNoneIsHandled() {
        look(0);
        assertThat(look(100)).as("quiet").isZero();
        waiting.put(1, 3L);
        assertThat(look(110)).isEqualTo(10);
        assertThat(look(140)).isEqualTo(40);
        handled[0]++;
        assertThat(look(150)).as("another goes on").isEqualTo(50);
        handled[1]++;
        assertThat(look(160)).as("slow is not still").isZero();
        assertThat(look(170)).isEqualTo(10);
        waiting.remove(1);
        assertThat(look(180)).as("of another server now").isZero();
        waiting.put(1, 3L);
        assertThat(look(190)).isZero();
    }

    private long look(long nowNanos) {
        standStill.look(waiting, partition -> handled[partition], nowNanos);
        return standStill.nanos();
    }
}
