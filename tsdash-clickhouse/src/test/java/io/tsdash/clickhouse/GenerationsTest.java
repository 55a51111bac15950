package io.tsdash.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.testkit.ManualTimeSource;
import org.junit.jupiter.api.Test;

class GenerationsTest {
    private static final long NOW = 1_772_463_600_000_000_000L;

    @Test
    void risesAlsoWhileTheClockStandsStill() {
        Generations generations = new Generations("a", new ManualTimeSource(NOW));
        long first = generations.current();
        assertThat(generations.current()).isEqualTo(first);
        long second = generations.next();
        assertThat(second).isGreaterThan(first);
        assertThat(generations.current()).isEqualTo(second);
        assertThat(generations.next()).isGreaterThan(second);
    }

    @Test
    void goesAboveWhatIsInTheStoreWhenTheClockWasSetBack() {
        long before = new Generations("a", new ManualTimeSource(NOW)).next();
        Generations generations = new Generations("a", new ManualTimeSource(NOW - 3_600_000_000_000L));
        assertThat(generations.current()).isLessThan(before);
        generations.atLeast(before);
        assertThat(generations.current()).isGreaterThan(before);
    }

    @Test
    void carriesTheNumberOfItsWriter() {
        Generations generations = new Generations("feed-1", new ManualTimeSource(NOW));
        assertThat(generations.next() & Generations.WRITER_MASK).isEqualTo(Generations.numberOf("feed-1"));
        assertThat(Generations.numberOf("feed-1")).isNotEqualTo(Generations.numberOf("feed-2"));
    }
}
