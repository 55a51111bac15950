package io.tsdash.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.aggregation.BarAggregator;
import io.tsdash.aggregation.RollingAverage;
import io.tsdash.aggregation.StatePieces;
import io.tsdash.aggregation.VolumeProfileAggregator;
import io.tsdash.error.ConfigurationException;
import io.tsdash.model.Interval;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** An aggregation that ends at any moment and goes on elsewhere, from what was saved last, sends what one run sends. */
class SavedStatePropertyTest {
    private static final long START = 1_723_161_254_000_000_000L;
    private static final long SECOND = 1_000_000_000L;
    private static final Duration LATENESS = Duration.ofSeconds(3);
    private static final List<String> SYMBOLS = List.of("A", "B", "BB");
    private static final Interval[] INTERVALS = {
        Interval.parse("1s"), Interval.parse("7s"), Interval.parse("1m"), Interval.parse("10s/2s")
    };

    /** An aggregation, as far as this test is concerned. */
    private interface Run {
        void add(Trade trade);

        void flush();

        void save(StatePieces pieces);

        void load(StatePieces pieces);
    }

    /** Makes an aggregation that sends to this. */
    private interface Make {
        Run run(Consumer<Object> sent);
    }

    @Property(tries = 400)
    void barsGoOnAsIfNothingHadHappened(@ForAll long seed, @ForAll @IntRange(min = 1, max = 900) int size) {
        holds(seed, size, SavedStatePropertyTest::bars);
    }

    @Property(tries = 300)
    void volumeProfilesGoOnAsIfNothingHadHappened(@ForAll long seed, @ForAll @IntRange(min = 1, max = 900) int size) {
        holds(seed, size, SavedStatePropertyTest::profiles);
    }

    @Property(tries = 300)
    void averagesGoOnAsIfNothingHadHappened(@ForAll long seed, @ForAll @IntRange(min = 1, max = 900) int size) {
        holds(seed, size, SavedStatePropertyTest::averages);
    }

    @Example
    void letsGoOfThePiecesOfWhatIsOver() {
        Pieces pieces = new Pieces();
        Run bars = bars(sent -> {});
        int most = 0;
        for (int i = 0; i < 5_000; i++) {
            bars.add(Trade.of("A", START + i * SECOND / 5, i, 1, 1));
            bars.save(pieces);
            most = Math.max(most, pieces.kept.size());
        }
        assertThat(most).isLessThan(30);
    }

    @Example
    void refusesStateOfOtherSettings() {
        Pieces pieces = new Pieces();
        Run bars = bars(sent -> {});
        bars.add(Trade.of("A", START, 1, 1, 1));
        bars.save(pieces);
        BarAggregator others = BarAggregator.of(bar -> {}, Interval.parse("1m"));

        assertThatThrownBy(() -> others.load(0, pieces))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(
                        "settings of the aggregation were 'intervals 1m, lateness PT5S' but the state that was kept is of"
                                + " 'intervals 1s 7s 1m 10s/2s, lateness PT3S': go on with those, or start without that state");
    }

    private static void holds(long seed, int size, Make make) {
        List<Trade> trades = trades(new Random(seed), size);
        List<Object> whole = new ArrayList<>();
        Run run = make.run(whole::add);
        for (int i = 0; i < trades.size(); i++) {
            step(run, trades, i);
        }
        run.flush();
        assertThat(byIdentity(interrupted(new Random(seed + 1), trades, make))).isEqualTo(byIdentity(whole));
    }

    /** Returns what was sent before saves; what was sent after the last save before an end never counts. */
    private static List<Object> interrupted(Random random, List<Trade> trades, Make make) {
        Pieces pieces = new Pieces();
        List<Object> committed = new ArrayList<>();
        List<Object> sent = new ArrayList<>();
        int next = 0;
        Run run = make.run(sent::add);
        for (int i = 0; i < trades.size(); i++) {
            step(run, trades, i);
            if (random.nextInt(10) == 0) {
                run.save(pieces);
                committed.addAll(sent);
                sent.clear();
                next = i + 1;
            }
            if (random.nextInt(40) == 0) {
                sent.clear();
                run = make.run(sent::add);
                run.load(pieces);
                i = next - 1;
            }
        }
        run.flush();
        committed.addAll(sent);
        return committed;
    }

    private static void step(Run run, List<Trade> trades, int i) {
        run.add(trades.get(i));
        if (i % 13 == 0) {
            run.flush();
        }
    }

    private static Map<String, List<Object>> byIdentity(List<Object> sent) {
        Map<String, List<Object>> result = new TreeMap<>();
        for (Object each : sent) {
            String text = each.toString();
            String identity = text.substring(0, text.indexOf(',', text.indexOf("TimeNanos=")));
            result.computeIfAbsent(identity, key -> new ArrayList<>()).add(each);
        }
        return result;
    }

    private static List<Trade> trades(Random random, int size) {
        List<Trade> trades = new ArrayList<>();
        long time = START;
        for (int i = 0; i < size; i++) {
            // Now and then many in a second, so that a second has several chunks; now and then a pause.
            time += random.nextInt(20) == 0 ? random.nextInt(4) * SECOND : random.nextInt(5_000_000);
            int kind = random.nextInt(12);
            if (kind == 0 && !trades.isEmpty()) {
                Trade earlier = trades.get(Math.max(0, trades.size() - 1 - random.nextInt(300)));
                trades.add(
                        random.nextBoolean()
                                ? earlier
                                : earlier.cancelled() || random.nextBoolean()
                                        ? Trade.cancel(
                                                earlier.symbol(), earlier.eventTimeNanos(), earlier.sequence(), time)
                                        : earlier.correctedTo(random.nextInt(100) / 10.0, random.nextInt(50)));
            } else {
                long late = random.nextInt(3) == 0 ? random.nextLong(4 * SECOND) : 0;
                trades.add(new Trade(
                        SYMBOLS.get(random.nextInt(SYMBOLS.size())),
                        time - late,
                        time,
                        i,
                        random.nextInt(1_000) / 100.0,
                        random.nextInt(1_000) / 1_000.0,
                        Side.UNKNOWN,
                        random.nextInt(8) > 0,
                        random.nextInt(8) > 0,
                        0));
            }
        }
        return trades;
    }

    private static Run bars(Consumer<Object> sent) {
        BarAggregator bars = BarAggregator.builder(sent::accept)
                .intervals(INTERVALS)
                .lateness(LATENESS)
                .build();
        return new Run() {
            @Override
            public void add(Trade trade) {
                bars.add(trade);
            }

            @Override
            public void flush() {
                bars.flush();
            }

            @Override
            public void save(StatePieces pieces) {
                bars.save(0, pieces);
            }

            @Override
            public void load(StatePieces pieces) {
                bars.load(0, pieces);
            }
        };
    }

    private static Run profiles(Consumer<Object> sent) {
        VolumeProfileAggregator profiles =
                VolumeProfileAggregator.of(Interval.parse("7s"), 0.05, LATENESS, sent::accept, (trade, outcome) -> {});
        return new Run() {
            @Override
            public void add(Trade trade) {
                profiles.add(trade);
            }

            @Override
            public void flush() {
                profiles.flush();
            }

            @Override
            public void save(StatePieces pieces) {
                profiles.save(pieces);
            }

            @Override
            public void load(StatePieces pieces) {
                profiles.load(pieces);
            }
        };
    }

    private static Run averages(Consumer<Object> sent) {
        RollingAverage averages = new RollingAverage(Duration.ofSeconds(4));
        return new Run() {
            @Override
            public void add(Trade trade) {
                averages.add(trade);
                averages.latest(trade.symbol()).ifPresent(sent);
            }

            @Override
            public void flush() {}

            @Override
            public void save(StatePieces pieces) {
                averages.save(pieces);
            }

            @Override
            public void load(StatePieces pieces) {
                averages.load(pieces);
            }
        };
    }

    private static final class Pieces implements StatePieces {

        private final Map<String, byte[]> kept = new HashMap<>();

        @Override
        public void put(byte[] key, byte[] piece) {
            kept.put(text(key), piece);
        }

        @Override
        public void delete(byte[] key) {
            kept.remove(text(key));
        }

        @Override
        public void forEach(BiConsumer<byte[], byte[]> visitor) {
            kept.forEach((key, piece) -> visitor.accept(key.getBytes(StandardCharsets.ISO_8859_1), piece));
        }

        private static String text(byte[] key) {
            return new String(key, StandardCharsets.ISO_8859_1);
        }
    }
}
