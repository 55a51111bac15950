package io.tsdash.redis;

import io.tsdash.resilience.RateDecision;
import io.tsdash.resilience.RateLimit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The arithmetic of {@code token-buckets.lua} in Java, step for step, held to the script: what it shows holds for both. One thread. */
final class ScriptTwin {
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
    private final Map<String, State> states = new HashMap<>();

    ScriptTwin(List<RateLimit> limits) {
        int n = limits.size();
        permits = new double[n];
        periodMicros = new double[n];
        sizes = new double[n];
        for (int i = 0; i < n; i++) {
            RateLimit limit = limits.get(i);
            permits[i] = limit.permits();
            periodMicros[i] = Math.round(limit.period().toNanos() * MICROS_PER_NANO);
            sizes[i] = limit.burst();
        }
    }

    RateDecision tryAcquire(String key, int asked, long nowMicros) {
        State known = states.get(key);
        State state = known == null ? new State(nowMicros, sizes.clone()) : known;
        RateDecision decision = decide(state, asked, nowMicros);
        if (decision.allowed()) {
            states.put(key, state);
        }
        return decision;
    }

    private RateDecision decide(State state, int asked, long nowMicros) {
        int n = sizes.length;
        double elapsed = Math.max(0, (double) nowMicros - state.atMicros);
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
            state.atMicros = Math.max((double) nowMicros, state.atMicros);
            System.arraycopy(tokens, 0, state.tokens, 0, n);
        }
        double reset = Math.ceil((sizes[least] - tokens[least]) * periodMicros[least] / permits[least]);
        return new RateDecision(
                allowed,
                (long) sizes[least],
                (long) Math.floor(tokens[least]),
                wait < 0 ? Long.MAX_VALUE : TimeUnit.MICROSECONDS.toNanos((long) wait),
                TimeUnit.MICROSECONDS.toNanos((long) reset));
    }
}
