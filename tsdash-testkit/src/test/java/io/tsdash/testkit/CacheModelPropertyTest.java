package io.tsdash.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.cache.Cache;
import io.tsdash.cache.CacheEntry;
import io.tsdash.cache.InProcessInvalidations;
import io.tsdash.cache.LocalCache;
import io.tsdash.cache.TwoLevelCache;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.state.Action;
import net.jqwik.api.state.ActionChain;
import net.jqwik.api.state.Transformer;

/** Every cache of core, through any calls and any passing of time, answers as a plain map with times does. */
class CacheModelPropertyTest {
    private static final List<String> KEYS = List.of("a", "b", "c", "d");

    /** A cache, possibly seen from two nodes, beside the map that it must agree with. */
    private static final class Both {
        private final ManualTimeSource time = new ManualTimeSource(1_000);
        private final Map<String, CacheEntry<Integer>> model = new HashMap<>();
        private final List<Cache<Integer>> nodes;

        Both(String kind) {
            nodes = switch (kind) {
                case "memory" -> List.of(Cache.inMemory(100, time));
                case "local" -> List.of(local(time));
                default -> {
                    Cache<Integer> shared = Cache.inMemory(100, time);
                    InProcessInvalidations one = new InProcessInvalidations();
                    yield List.of(
                            new TwoLevelCache<>(local(time), shared, Duration.ofSeconds(3), one, time),
                            new TwoLevelCache<>(
                                    local(time),
                                    shared,
                                    Duration.ofSeconds(7),
                                    Duration.ofSeconds(20),
                                    one.node(),
                                    time));
                }
            };
        }

        void check() {
            model.values().removeIf(entry -> entry.isExpired(time.epochNanos()));
            for (Cache<Integer> node : nodes) {
                assertThat(node.getAll(KEYS)).isEqualTo(model);
                for (String key : KEYS) {
                    assertThat(node.get(key)).isEqualTo(Optional.ofNullable(model.get(key)));
                }
            }
        }

        @Override
        public String toString() {
            return model + " at " + time.epochNanos();
        }

        private static LocalCache<Integer> local(TimeSource time) {
            return LocalCache.<Integer>builder().entriesMax(100).time(time).build();
        }
    }

    @Property(tries = 300)
    void agreesWithAPlainMap(@ForAll("chains") ActionChain<Both> chain) {
        chain.run();
    }

    @Provide
    Arbitrary<ActionChain<Both>> chains() {
        return Arbitraries.of("memory", "local", "two")
                .flatMap(kind -> ActionChain.startWith(() -> new Both(kind))
                        .withAction(new Put())
                        .withAction(new Remove())
                        .withAction(new Pass())
                        .withMaxTransformations(40));
    }

    private static final class Put implements Action.Independent<Both> {
        @Override
        public Arbitrary<Transformer<Both>> transformer() {
            Arbitrary<Map<String, Integer>> values = Arbitraries.maps(
                            Arbitraries.of(KEYS), Arbitraries.integers().between(-1, 99))
                    .ofMaxSize(3);
            return net.jqwik.api.Combinators.combine(
                            values,
                            Arbitraries.integers().between(0, 1),
                            Arbitraries.longs().between(0, 9),
                            Arbitraries.longs().between(0, 9))
                    .as((map, node, fresh, stale) ->
                            Transformer.mutate("put " + map + " for " + fresh + "+" + stale, both -> {
                                long now = both.time.epochNanos();
                                long staleFrom = now + fresh * 1_000_000_000L;
                                Map<String, CacheEntry<Integer>> entries = new HashMap<>();
                                map.forEach((key, value) -> entries.put(
                                        key,
                                        new CacheEntry<>(
                                                value < 0 ? Optional.empty() : Optional.of(value),
                                                now,
                                                staleFrom,
                                                staleFrom + stale * 1_000_000_000L)));
                                both.nodes.get(node % both.nodes.size()).putAll(entries);
                                both.model.putAll(entries);
                                both.check();
                            }));
        }
    }

    private static final class Remove implements Action.Independent<Both> {
        @Override
        public Arbitrary<Transformer<Both>> transformer() {
            return Arbitraries.of(KEYS)
                    .map(key -> Transformer.mutate("remove " + key, both -> {
                        both.nodes.get(both.nodes.size() - 1).remove(key);
                        both.model.remove(key);
                        both.check();
                    }));
        }
    }

    private static final class Pass implements Action.Independent<Both> {
        @Override
        public Arbitrary<Transformer<Both>> transformer() {
            return Arbitraries.longs()
                    .between(1, 5_000_000_000L)
                    .map(nanos -> Transformer.mutate("pass " + nanos, both -> {
                        both.time.advance(Duration.ofNanos(nanos));
                        both.check();
                    }));
        }
    }
}
