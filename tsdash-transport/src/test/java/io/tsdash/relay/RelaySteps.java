package io.tsdash.relay;

import java.time.Duration;

/** The steps of a node, one by one, for a test that is its threads. */
public final class RelaySteps {
    private RelaySteps() {}

    /** What its reading thread does. */
    public static void read(RelayNode node) throws InterruptedException {
        node.read(Duration.ZERO);
    }

    /** What the thread does that keeps the lease. */
    public static void keepLease(RelayNode node) {
        node.keepLease();
    }

    /** What its leading thread does. */
    public static void lead(RelayNode node) throws InterruptedException {
        node.lead();
    }
}
