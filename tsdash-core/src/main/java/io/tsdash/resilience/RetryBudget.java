package io.tsdash.resilience;

import io.tsdash.error.ConfigurationException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps retries from multiplying the load of what is failing: a failure takes a token, a success brings back a part of one, and nobody
 * tries again while half of them or fewer are left (gRPC, proposal A6, "Retry throttling"). Shared by all who call the same. Thread-safe.
 */
public final class RetryBudget {
    private static final int TOKENS_MAX = 1_000;
    private static final long TOKEN = 1_000;

    private final long full;
    private final long perSuccess;
    private final AtomicLong left;

    /**
     * A budget that is full.
     *
     * @param tokens how many it holds, 2 to 1,000
     * @param perSuccess what a success brings back, 0.001 to 1; so many retries for each call in the long run
     * @throws ConfigurationException with everything that is wrong
     */
    public RetryBudget(int tokens, double perSuccess) {
        List<String> problems = new ArrayList<>();
        if (tokens < 2 || tokens > TOKENS_MAX) {
            problems.add("budget.tokens was '" + tokens + "' but it must be 2 to " + TOKENS_MAX);
        }
        if (!(perSuccess >= 1.0 / TOKEN && perSuccess <= 1)) {
            problems.add("budget.perSuccess was '" + perSuccess + "' but it must be 0.001 to 1");
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        this.full = tokens * TOKEN;
        this.perSuccess = Math.round(perSuccess * TOKEN);
        this.left = new AtomicLong(full);
    }

    /** Counts a success. */
    void succeeded() {
        if (left.get() < full) {
            left.updateAndGet(now -> Math.min(full, now + perSuccess));
        }
    }

    /** Counts a failure, and returns whether it may be tried again. */
    boolean failed() {
        return left.updateAndGet(now -> Math.max(0, now - TOKEN)) > full / 2;
    }
}
