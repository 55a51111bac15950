package io.tsdash.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.aggregation.BarAggregator;
import io.tsdash.aggregation.Outcome;
import io.tsdash.aggregation.PartialBar;
import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class BarAggregatorPropertyTest {
    private static final long START = 1_723_161_254_000_000_000L;
    private static final List<String> SYMBOLS = List.of("A", "B", "C");
    private static final long SECOND = 1_000_000_000L;
    private static final Interval[] INTERVALS = {
        Interval.parse("1s"),
        Interval.parse("7s"),
        Interval.parse("1m"),
        Interval.parse("10s/2s"),
        Interval.parse("1d@America/New_York~1700")
    };

    @Property(tries = 2000)
    void anyArrivalOrderWithinTheLatenessGivesTheBarsOfABatch(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 300) int size,
            @ForAll @LongRange(max = 30) long lateness) {
        Random random = new Random(seed);
        List<Trade> arrivals = arrivals(random, size, lateness * SECOND);
        Map<String, Bar> sent = new TreeMap<>();
        Map<String, Bar> closed = new HashMap<>();
        BarAggregator bars = BarAggregator.builder(bar -> receive(sent, closed, bar))
                .intervals(INTERVALS)
                .lateness(Duration.ofSeconds(lateness))
                .closeDelay(Duration.ofSeconds(random.nextInt((int) lateness + 1)))
                .build();
        for (Trade trade : arrivals) {
            Outcome outcome = bars.add(trade);
            assertThat(!outcome.isSetAside() || (outcome == Outcome.DUPLICATE && isRepeat(arrivals, trade)))
                    .as("%s of %s", outcome, trade)
                    .isTrue();
            if (random.nextInt(10) == 0) {
                bars.flush();
            }
        }
        bars.close();

        List<Bar> expected = new ArrayList<>();
        for (Interval interval : INTERVALS) {
            for (String symbol : SYMBOLS) {
                expected.addAll(NaiveBars.of(arrivals, symbol, interval));
            }
        }
        assertThat(sent.values().stream().filter(bar -> !bar.isRetracted()).map(BarAggregatorPropertyTest::plain))
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    @Property(tries = 1000)
    void anySplitIntoPartsMergesToTheSameBar(@ForAll long seed, @ForAll @IntRange(min = 1, max = 200) int size) {
        Random random = new Random(seed);
        List<Trade> trades = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            trades.add(trade(random, "A", START + random.nextInt(5), i));
        }
        List<PartialBar> parts = new ArrayList<>();
        for (int i = 0; i < 1 + random.nextInt(8); i++) {
            parts.add(new PartialBar());
        }
        for (Trade trade : trades) {
            parts.get(random.nextInt(parts.size())).add(trade);
        }
        while (parts.size() > 1) {
            Collections.shuffle(parts, random);
            PartialBar last = carried(parts.remove(parts.size() - 1));
            parts.get(0).merge(last);
        }
        Interval day = Interval.parse("1d");
        long open = day.openTimeNanos(START);
        List<Bar> expected = NaiveBars.of(trades, "A", day);
        if (expected.isEmpty()) {
            assertThat(parts.get(0).tradeCount()).isZero();
        } else {
            assertThat(parts.get(0).toBar("A", day, open, day.closeTimeNanos(open), 0, BarState.CLOSED))
                    .isEqualTo(expected.get(0));
        }
    }

    /** Checks that a bar closes once, that revisions count up by one, and keeps the newest. */
    private static void receive(Map<String, Bar> sent, Map<String, Bar> closed, Bar bar) {
        String key = bar.symbol() + " " + bar.interval().text() + " " + bar.openTimeNanos();
        Bar before = closed.get(key);
        switch (bar.state()) {
            case OPEN -> assertThat(before).as("open after closed: %s", bar).isNull();
            case CLOSED -> assertThat(before).as("closed twice: %s", bar).isNull();
            case REVISED -> assertThat(bar.revision()).isEqualTo(before == null ? -1 : before.revision() + 1);
        }
        if (bar.state() != BarState.OPEN) {
            closed.put(key, bar);
        }
        sent.put(key, bar);
    }

    /** Trades, repeats, corrections and cancels of three symbols, each arriving later than it happened by less than the lateness. */
    private static List<Trade> arrivals(Random random, int size, long latenessNanos) {
        List<Trade> events = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            Trade trade =
                    trade(random, SYMBOLS.get(random.nextInt(SYMBOLS.size())), START + time(random), random.nextInt(4));
            events.add(trade);
            if (random.nextInt(8) == 0) {
                events.add(trade);
            }
            Trade corrected = trade;
            while (random.nextInt(8) == 0) {
                corrected = corrected.correctedTo(price(random), volume(random));
                events.add(corrected);
            }
            if (random.nextInt(10) == 0) {
                events.add(
                        Trade.cancel(trade.symbol(), trade.eventTimeNanos(), trade.sequence(), trade.eventTimeNanos()));
            }
        }
        // Of trades made with one identity by chance only one is real; corrections of the others go with them.
        Map<String, Trade> byVersion = new HashMap<>();
        events.replaceAll(trade -> byVersion.computeIfAbsent(
                trade.symbol() + trade.eventTimeNanos() + "/" + trade.sequence() + "/" + trade.version(), k -> trade));
        record Arrival(long at, Trade trade) {}
        List<Arrival> arrivals = new ArrayList<>();
        for (Trade trade : events) {
            long delay = latenessNanos == 0 ? 0 : (long) (random.nextDouble() * latenessNanos);
            arrivals.add(new Arrival(trade.eventTimeNanos() + delay, trade));
        }
        arrivals.sort(Comparator.comparingLong(Arrival::at));
        return new ArrayList<>(arrivals.stream().map(Arrival::trade).toList());
    }

    private static boolean isRepeat(List<Trade> arrivals, Trade trade) {
        return arrivals.stream()
                        .filter(other -> other.symbol().equals(trade.symbol())
                                && other.eventTimeNanos() == trade.eventTimeNanos()
                                && other.sequence() == trade.sequence())
                        .count()
                > 1;
    }

    private static long time(Random random) {
        // Mostly dense with equal times and edges of windows, sometimes a gap.
        long nanos = random.nextInt(90) * SECOND / 2 + (random.nextBoolean() ? 0 : random.nextInt(3) - 1);
        return random.nextInt(20) == 0 ? nanos + 300 * SECOND : nanos + SECOND;
    }

    private static Trade trade(Random random, String symbol, long time, long sequence) {
        boolean setsPrice = random.nextInt(10) != 0;
        boolean countsVolume = random.nextInt(10) != 0;
        return new Trade(
                symbol, time, time, sequence, price(random), volume(random), Side.UNKNOWN, setsPrice, countsVolume, 0);
    }

    private static double price(Random random) {
        return random.nextInt(1, 10_000_000) / 100.0;
    }

    private static double volume(Random random) {
        return random.nextBoolean() ? random.nextInt(1000) : random.nextLong(1, 100_000_000_000L) / 1e8;
    }

    private static PartialBar carried(PartialBar partial) {
        ByteBuffer bytes = ByteBuffer.allocate(PartialBar.BYTES);
        partial.writeTo(bytes);
        assertThat(bytes.remaining()).isZero();
        return PartialBar.readFrom(bytes.flip());
    }

    private static Bar plain(Bar bar) {
        return new Bar(
                bar.symbol(),
                bar.interval(),
                bar.openTimeNanos(),
                bar.closeTimeNanos(),
                bar.open(),
                bar.high(),
                bar.low(),
                bar.close(),
                bar.volume(),
                bar.notional(),
                bar.tradeCount(),
                bar.firstEventNanos(),
                bar.lastEventNanos(),
                0,
                BarState.CLOSED);
    }
}
