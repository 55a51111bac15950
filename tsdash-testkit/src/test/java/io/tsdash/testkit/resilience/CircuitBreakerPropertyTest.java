package io.tsdash.testkit.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.resilience.BreakerCounts;
import io.tsdash.resilience.CallPermit;
import io.tsdash.resilience.CircuitBreaker;
import io.tsdash.resilience.CircuitBreaker.State;
import io.tsdash.resilience.CircuitBreakerBuilder;
import io.tsdash.testkit.ManualTimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

/** A breaker beside a naive one that keeps every call, on random calls that overlap, with a manual clock. */
class CircuitBreakerPropertyTest {
    private static final Duration SLOW = Duration.ofMillis(50);
    private static final long PAUSE_NANOS = 1_000_000_000;
    private static final long PAUSE_NANOS_MAX = 3_000_000_000L;
    private static final long GONE_NANOS = 2_000_000_000;

    @Property(tries = 400)
    void countWindowIsAsTheNaiveOne(
            @ForAll Random random,
            @ForAll @IntRange(min = 1, max = 12) int calls,
            @ForAll @IntRange(min = 1, max = 4) int probes) {
        int callsMin = 1 + random.nextInt(calls);
        double rate = (1 + random.nextInt(10)) / 10.0;
        run(random, builder -> builder.countWindow(calls, callsMin, rate), probes, new Naive(callsMin, rate, probes) {
            @Override
            List<Call> window(long nowNanos) {
                return latest.subList(Math.max(0, latest.size() - calls), latest.size());
            }
        });
    }

    @Property(tries = 400)
    void timeWindowIsAsTheNaiveOne(
            @ForAll Random random,
            @ForAll @IntRange(min = 1, max = 6) int callsMin,
            @ForAll @IntRange(min = 1, max = 4) int probes) {
        double rate = (1 + random.nextInt(10)) / 10.0;
        long sliceNanos = 100_000_000;
        run(
                random,
                builder -> builder.timeWindow(Duration.ofNanos(10 * sliceNanos), callsMin, rate),
                probes,
                new Naive(callsMin, rate, probes) {
                    @Override
                    List<Call> window(long nowNanos) {
                        long slice = (nowNanos - closedAtNanos) / sliceNanos;
                        return latest.stream()
                                .filter(call -> (call.nanos - closedAtNanos) / sliceNanos > slice - 10)
                                .toList();
                    }
                });
    }

    private static void run(Random random, UnaryOperator<CircuitBreakerBuilder> window, int probes, Naive naive) {
        ManualTimeSource time = new ManualTimeSource(0);
        CircuitBreaker breaker = window.apply(CircuitBreaker.builder("any"))
                .slowCalls(SLOW, 0.7)
                .pause(Duration.ofNanos(PAUSE_NANOS), Duration.ofNanos(PAUSE_NANOS_MAX))
                .probes(probes)
                .probeTimeout(Duration.ofNanos(GONE_NANOS))
                .time(time)
                .build();
        List<Pair> underWay = new ArrayList<>();
        int failures = random.nextInt(100);
        for (int i = 0; i < 300; i++) {
            time.advance(Duration.ofNanos(random.nextInt(3) == 0 ? random.nextInt(400_000_000) : random.nextInt(9)));
            long now = time.monotonicNanos();
            if (random.nextBoolean() || underWay.isEmpty()) {
                CallPermit permit = breaker.tryAcquire();
                NaivePermit expected = naive.tryAcquire(now);
                assertThat(permit != null).as("let through at " + now).isEqualTo(expected != null);
                if (permit != null && expected != null) {
                    underWay.add(new Pair(permit, expected));
                }
            } else {
                // Some never tell.
                Pair pair = underWay.remove(random.nextInt(underWay.size()));
                boolean failed = random.nextInt(100) < failures;
                boolean slow = random.nextInt(5) == 0;
                long duration = slow ? SLOW.toNanos() : SLOW.toNanos() - 1;
                switch (random.nextInt(10)) {
                    case 0 -> {
                        pair.permit.abandoned();
                        naive.abandoned(pair.expected);
                    }
                    case 1 -> {}
                    default -> {
                        if (failed) {
                            pair.permit.failed(duration, new IllegalStateException("away"));
                        } else {
                            pair.permit.succeeded(duration);
                        }
                        naive.told(pair.expected, now, failed, slow);
                    }
                }
            }
            assertThat(breaker.state()).isEqualTo(naive.state);
            BreakerCounts counts = breaker.counts();
            List<Call> counted = naive.state == State.CLOSED ? naive.window(now) : List.of();
            assertThat(counts.calls()).isEqualTo(counted.size());
            assertThat(counts.failed())
                    .isEqualTo(counted.stream().filter(call -> call.failed).count());
            assertThat(counts.slow())
                    .isEqualTo(counted.stream().filter(call -> call.slow).count());
            assertThat(naive.underWay()).isLessThanOrEqualTo(probes);
        }
    }

    /** A call of the window. */
    private record Call(long nanos, boolean failed, boolean slow) {}

    /** What both gave for one call. */
    private record Pair(CallPermit permit, NaivePermit expected) {}

    /** The life of a state, which a permit belongs to. */
    private record NaivePermit(int life) {}

    /** The rules, written down one by one. */
    private abstract static class Naive {
        final int callsMin;
        final double rate;
        final int probes;
        final List<Call> latest = new ArrayList<>();
        State state = State.CLOSED;
        long closedAtNanos;
        private int life;
        private long pauseNanos = PAUSE_NANOS;
        private long untilNanos;
        private int underWay;
        private int succeeded;
        private long latestProbeNanos;

        Naive(int callsMin, double rate, int probes) {
            this.callsMin = callsMin;
            this.rate = rate;
            this.probes = probes;
        }

        abstract List<Call> window(long nowNanos);

        int underWay() {
            return state == State.HALF_OPEN ? underWay : 0;
        }

        @Nullable
        NaivePermit tryAcquire(long now) {
            if (state == State.OPEN && now >= untilNanos) {
                halfOpen();
            }
            if (state == State.OPEN) {
                return null;
            }
            if (state == State.HALF_OPEN) {
                if (underWay + succeeded == probes) {
                    if (now - latestProbeNanos < GONE_NANOS) {
                        return null;
                    }
                    halfOpen();
                }
                underWay++;
                latestProbeNanos = now;
            }
            return new NaivePermit(life);
        }

        void abandoned(NaivePermit permit) {
            if (permit.life == life && state == State.HALF_OPEN) {
                underWay--;
            }
        }

        void told(NaivePermit permit, long now, boolean failed, boolean slow) {
            if (permit.life != life) {
                return;
            }
            if (state == State.CLOSED) {
                latest.add(new Call(now, failed, slow));
                List<Call> window = window(now);
                double size = window.size();
                boolean tooMany = window.stream().filter(call -> call.failed).count() / size >= rate
                        || window.stream().filter(call -> call.slow).count() / size >= 0.7;
                if ((failed || slow) && size >= callsMin && tooMany) {
                    open(now, PAUSE_NANOS);
                }
            } else {
                underWay--;
                if (failed || slow) {
                    open(now, Math.min(PAUSE_NANOS_MAX, 2 * pauseNanos));
                } else if (++succeeded == probes) {
                    life++;
                    state = State.CLOSED;
                    latest.clear();
                    closedAtNanos = now;
                }
            }
        }

        private void open(long now, long pause) {
            life++;
            state = State.OPEN;
            pauseNanos = pause;
            untilNanos = now + pause;
        }

        private void halfOpen() {
            life++;
            state = State.HALF_OPEN;
            underWay = 0;
            succeeded = 0;
        }
    }
}
