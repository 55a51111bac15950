package io.tsdash.testkit.resilience;

import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.StressOptions;

/**
 * Lets threads call what a test class marks as operations, at random and by many of the ways in which they can take turns, and
 * fails if no order of the calls explains what they returned (Lincheck: Koval and others, CAV 2023). {@code
 * -Dtsdash.lincheck=50} tries fifty times as many.
 */
public final class Interleavings {
    private static final int TIMES = Integer.getInteger("tsdash.lincheck", 1);

    private Interleavings() {}

    public static void check(Class<?> test) {
        check(test, 10);
    }

    /** @param scenarios how many sets of calls are tried, each in many ways; fewer where waiting makes each of them slow */
    public static void check(Class<?> test, int scenarios) {
        new ModelCheckingOptions()
                .iterations(scenarios * TIMES)
                .invocationsPerIteration(700)
                .threads(2)
                .actorsPerThread(3)
                .check(test);
        new StressOptions()
                .iterations(scenarios * TIMES)
                .invocationsPerIteration(1_000)
                .threads(3)
                .actorsPerThread(3)
                .check(test);
    }
}
