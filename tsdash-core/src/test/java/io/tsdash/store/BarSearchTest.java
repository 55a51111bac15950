package io.tsdash.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.model.Bar;
import io.tsdash.model.BarState;
import io.tsdash.model.Interval;
import io.tsdash.store.BarSearch.EventTimes;
import io.tsdash.time.ManualTime;
import io.tsdash.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.UniqueElements;
import org.junit.jupiter.api.Test;

class BarSearchTest {
    private static final Interval MINUTE = Interval.parse("1m");
    private static final long MINUTE_NANOS = MINUTE.size().toNanos();

    @Property(tries = 500)
    void findsWhatOneQuestionWouldFind(
            @ForAll @Size(max = 60) @UniqueElements List<@IntRange(max = 5_000) Integer> minutes,
            @ForAll @IntRange(min = 1, max = 70) int limit,
            @ForAll @IntRange(min = 1, max = 10) int pageMax,
            @ForAll @LongRange(max = 5_000) long from,
            @ForAll @LongRange(max = 5_000) long length,
            @ForAll boolean newestFirst,
            @ForAll boolean unbounded,
            @ForAll boolean othersFirst,
            @ForAll @IntRange(max = 5_000) int othersMinute) {
        List<Bar> bars = minutes.stream().sorted().map(minute -> bar(minute)).toList();
        BarRange range = unbounded
                ? new BarRange("A", MINUTE, 0, Long.MAX_VALUE, limit, newestFirst)
                : new BarRange("A", MINUTE, from * MINUTE_NANOS, (from + length) * MINUTE_NANOS, limit, newestFirst);
        List<Bar> others = List.of(bar(othersMinute));
        BarSearch search =
                new BarSearch(symbol -> times(symbol.equals("A") ? bars : others), pageMax, TimeSource.system());
        if (othersFirst) {
            search.find(newest("B", 1), part -> answer(others, part));
        }

        List<Bar> wanted = new ArrayList<>(answer(bars, range));
        wanted.removeIf(Bar::isRetracted);
        wanted.sort(Comparator.comparingLong(Bar::openTimeNanos));
        // Twice: the second time it has learned. A limit that retracted bars take up is filled with others.
        for (int time = 0; time < 2; time++) {
            List<Bar> found = search.find(range, part -> answer(bars, part));
            assertThat(found).containsAll(wanted).isSortedAccordingTo(Comparator.comparingLong(Bar::openTimeNanos));
            assertThat(found.size()).isBetween(wanted.size(), limit);
            assertThat(found).doesNotHaveDuplicates().noneMatch(Bar::isRetracted);
        }
    }

    @Test
    void asksOneQuestionOfALittleTimeOnceItHasLearned() {
        List<Bar> bars = new ArrayList<>();
        for (int minute = 1; minute < 1_000_000; minute += 21) {
            bars.add(bar(minute));
        }
        List<BarRange> asked = new ArrayList<>();
        Function<BarRange, List<Bar>> question = part -> {
            asked.add(part);
            return answer(bars, part);
        };
        BarSearch search = new BarSearch(symbol -> times(bars), 50_000, TimeSource.system());
        BarRange newest = new BarRange("A", MINUTE, 0, Long.MAX_VALUE, 500, true);

        List<Bar> found = search.find(newest, question);
        assertThat(asked).hasSize(2);
        asked.clear();

        assertThat(search.find(newest, question)).isEqualTo(found).hasSize(500);
        assertThat(asked).hasSize(1);
        assertThat(bars.get(bars.size() - 1).openTimeNanos() - asked.get(0).fromNanos())
                .isLessThan(500 * 21 * 2 * MINUTE_NANOS);

        asked.clear();
        BarRange other = new BarRange("B", MINUTE, 0, Long.MAX_VALUE, 500, true);
        search.find(other, question);
        assertThat(asked)
                .as("what was learned of one symbol is tried for others")
                .hasSize(1);
    }

    @Test
    void asksForEventTimesOnceAMinuteWhateverTheSymbol() {
        List<Bar> bars = List.of(bar(1), bar(1_000));
        ManualTime time = new ManualTime(0);
        List<String> askedAbout = new ArrayList<>();
        BarSearch search = new BarSearch(
                symbol -> {
                    askedAbout.add(symbol);
                    return times(bars);
                },
                50_000,
                time);
        for (String symbol : List.of("A", "B", "A", "C")) {
            search.find(newest(symbol, 1), part -> answer(bars, part));
        }
        assertThat(askedAbout).containsExactly("A");

        time.advance(Duration.ofSeconds(61));
        search.find(newest("B", 1), part -> answer(bars, part));
        assertThat(askedAbout).containsExactly("A", "B");
    }

    @Test
    void asksForASymbolsOwnTimesWhereThoseOfAnotherAreFar() {
        List<Bar> today = List.of(bar(1), bar(5_000_001));
        List<Bar> longAgo = List.of(bar(2), bar(3));
        List<BarRange> asked = new ArrayList<>();
        BarSearch search =
                new BarSearch(symbol -> times(symbol.equals("OLD") ? longAgo : today), 50_000, TimeSource.system());
        search.find(newest("NEW", 1), part -> answer(today, part));

        List<Bar> found = search.find(newest("OLD", 2), part -> {
            asked.add(part);
            return answer(longAgo, part);
        });

        assertThat(found).isEqualTo(longAgo);
        assertThat(asked)
                .as("the second question is asked where its trades are")
                .hasSize(2);
        assertThat(search.find(newest("NONE", 1), part -> List.of())).isEmpty();
    }

    @Test
    void asksNothingOfASymbolWithoutTrades() {
        BarSearch search = new BarSearch(symbol -> Optional.empty(), 50_000, TimeSource.system());
        assertThat(search.find(new BarRange("A", MINUTE, 0, Long.MAX_VALUE, 500, true), part -> {
                    throw new AssertionError("asked for " + part);
                }))
                .isEmpty();
    }

    private static BarRange newest(String symbol, int limit) {
        return new BarRange(symbol, MINUTE, 0, Long.MAX_VALUE, limit, true);
    }

    private static Optional<EventTimes> times(List<Bar> bars) {
        return bars.isEmpty()
                ? Optional.empty()
                : Optional.of(new EventTimes(
                        bars.get(0).openTimeNanos(), bars.get(bars.size() - 1).openTimeNanos()));
    }

    /** As a store answers: up to the limit, from the end that is asked from. */
    private static List<Bar> answer(List<Bar> bars, BarRange part) {
        Comparator<Bar> order = Comparator.comparingLong(Bar::openTimeNanos);
        return bars.stream()
                .filter(bar -> bar.openTimeNanos() >= part.fromNanos() && bar.openTimeNanos() < part.toNanos())
                .sorted(part.newestFirst() ? order.reversed() : order)
                .limit(part.limit())
                .toList();
    }

    /** Every seventh bar is retracted. */
    private static Bar bar(int minute) {
        long open = minute * MINUTE_NANOS;
        int trades = minute % 7 == 0 ? 0 : 1;
        return new Bar(
                "A",
                MINUTE,
                open,
                open + MINUTE_NANOS,
                1,
                1,
                1,
                1,
                1,
                1,
                trades,
                open,
                open,
                0,
                trades == 0 ? BarState.REVISED : BarState.CLOSED);
    }
}
