package io.tsdash.time;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class CoarseClockTest {
    private final TimeSource time = TimeSource.system();

    @Test
    @Timeout(10)
    void comesAfterTheExactOneAndNeverBeforeIt() {
        for (int i = 0; i < 3; i++) {
            long exact = time.monotonicNanos();
            while (time.coarseNanos() - exact < 0) {
                assertThat(time.coarseNanos() - time.monotonicNanos()).isNotPositive();
            }
        }
    }
}
