package io.tsdash.examples.feeds;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BackoffTest {

    @Test
    void theBoundDoublesUpToTheMostAndTheWaitIsAnyTimeBelowIt() {
        long[] longest = new long[12];
        long[] shortest = new long[12];
        Arrays.fill(shortest, Long.MAX_VALUE);
        for (int seed = 0; seed < 2_000; seed++) {
            Backoff backoff = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(30), new SplittableRandom(seed));
            for (int failure = 0; failure < longest.length; failure++) {
                long nanos = backoff.nextNanos();
                longest[failure] = Math.max(longest[failure], nanos);
                shortest[failure] = Math.min(shortest[failure], nanos);
            }
        }
        for (int failure = 0; failure < longest.length; failure++) {
            long bound = Math.min(30_000_000_000L, 500_000_000L << failure);
            assertThat(longest[failure]).isBetween(bound - bound / 50, bound);
            assertThat(shortest[failure]).isLessThan(bound / 50);
        }
    }

    @Test
    void neverGrowsBeyondTheMostHoweverOftenItFails() {
        Backoff backoff = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(30), new SplittableRandom(3));
        for (int i = 0; i < 10_000; i++) {
            assertThat(backoff.nextNanos()).isBetween(0L, 30_000_000_000L);
        }
        backoff.reset();
        assertThat(backoff.nextNanos()).isLessThanOrEqualTo(500_000_000L);
    }
}
