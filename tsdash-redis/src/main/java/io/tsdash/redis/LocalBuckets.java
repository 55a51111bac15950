package io.tsdash.redis;

import io.tsdash.resilience.RateDecision;
import io.tsdash.resilience.RateLimit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The arithmetic of {@code token-buckets.lua}, step for step, on this node: its share while Redis is away, and the measure that the
 * script is held to. Of too many keys the one asked for longest ago is forgotten, which fills its buckets. Thread-safe.
 */
final class LocalBuckets {
    private static final int KEYS_MAX = 100_000;
    private static final double MICROS_PER_NANO = 1e-3;

    private static final class State {
        private double atMicros;
        private final double[] tokens;

        State(double atMicros, double[] tokens) {
            this.atMicros = atMicros;
            this.tokens = tokens;
        }
    }

    private final double[] permits;
    private final double[] periodMicros;
    private final double[] sizes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, State> states = new LinkedHashMap<>(16, 0.75f, true);

    /**
     * @param limits that hold together
     * @param nodes among which they are shared
     */
    LocalBuckets(List<RateLimit> limits, int nodes) {
        int n = limits.size();
        permits = new double[n];
        periodMicros = new double[n];
        sizes = new double[n];
        for (int i = 0; i < n; i++) {
            RateLimit limit = limits.get(i);
            permits[i] = (double) limit.permits() / nodes;
            periodMicros[i] = Math.round(limit.period().toNanos() * MICROS_PER_NANO);
            sizes[i] = Math.max(1, (double) limit.burst() / nodes);
        }
    }

    RateDecision tryAcquire(String key, int asked, long nowMicros) {
        lock.lock();
        try {
            State state = states.computeIfAbsent(key, unused -> new State(nowMicros, sizes.clone()));
            if (states.size() > KEYS_MAX) {
                states.remove(states.keySet().iterator().next());
            }
            return decide(state, asked, nowMicros);
        } finally {
            lock.unlock();
        }
    }

    private RateDecision decide(State state, int asked, long nowMicros) {
        int n = sizes.length;
        double elapsed = Math.max(0, nowMicros - state.atMicros);
        double[] tokens = new double[n];
        double wait = 0;
        boolean allowed = true;
        for (int i = 0; i < n; i++) {
            double rate = permits[i] / periodMicros[i];
            tokens[i] = Math.min(sizes[i], state.tokens[i] + elapsed * rate);
            if (tokens[i] < asked) {
                allowed = false;
                if (asked > sizes[i]) {
                    wait = -1;
                } else if (wait >= 0) {
                    wait = Math.max(wait, Math.ceil((asked - tokens[i]) / rate));
                }
            }
        }
        int least = 0;
        for (int i = 0; i < n; i++) {
            tokens[i] -= allowed ? asked : 0;
            least = tokens[i] < tokens[least] ? i : least;
        }
        if (allowed) {
            state.atMicros = Math.max(nowMicros, state.atMicros);
            System.arraycopy(tokens, 0, state.tokens, 0, n);
        }
        double reset = Math.ceil((sizes[least] - tokens[least]) * periodMicros[least] / permits[least]);
        return decision(allowed, (long) sizes[least], (long) Math.floor(tokens[least]), (long) wait, (long) reset);
    }

    static RateDecision decision(boolean allowed, long limit, long remaining, long waitMicros, long resetMicros) {
        return new RateDecision(
                allowed,
                limit,
                remaining,
                waitMicros < 0 ? Long.MAX_VALUE : TimeUnit.MICROSECONDS.toNanos(waitMicros),
                TimeUnit.MICROSECONDS.toNanos(resetMicros));
    }
}
