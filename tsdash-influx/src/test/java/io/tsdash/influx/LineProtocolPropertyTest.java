package io.tsdash.influx;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.model.Trade;
import io.tsdash.store.MarketStore;
import io.tsdash.store.TradeRange;
import io.tsdash.time.TimeSource;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Symbols, numbers and places of points, whatever they are. */
final class LineProtocolPropertyTest {
    private static final long T0 = 1_772_463_600_000_000_000L;

    @Property(tries = 2_000)
    void aSymbolIsReadBackFromItsTag(@ForAll("symbols") String symbol) {
        String tag = SymbolTag.encode(symbol);
        assertThat(SymbolTag.decode(tag)).isEqualTo(symbol);
        assertThat(tag).doesNotContain("\\");
        assertThat(new String(tag.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
                .isEqualTo(tag);
        if (symbol.matches("[A-Za-z0-9 ._/:'\"-]+")) {
            assertThat(tag).isEqualTo(symbol);
        }
    }

    @Property(tries = 1_000)
    void numbersAreWrittenExactly(@ForAll long whole, @ForAll double number) {
        LineBuffer lines = new LineBuffer();
        lines.begin("m").field("a", whole).field("b", number).end(Long.MAX_VALUE);
        assertThat(lines.toString()).isEqualTo("m a=" + whole + "i,b=" + number + " 9223372036854775807\n");
    }

    @Property(tries = 500)
    void partsKeepGroupsWholeAndLoseNothing(@ForAll("sizes") List<Integer> sizes, @ForAll("limits") int limit) {
        LineBuffer lines = new LineBuffer();
        for (int size : sizes) {
            for (int i = 0; i < size; i++) {
                lines.begin("m").field("group", size).end(i);
            }
            lines.cut();
        }
        StringBuilder joined = new StringBuilder();
        for (LineBuffer.Part part : lines.parts(limit)) {
            String text = new String(part.bytes(), part.offset(), part.length(), StandardCharsets.UTF_8);
            boolean oneGroup = text.lines()
                            .map(line -> line.substring(0, line.indexOf('i')))
                            .distinct()
                            .count()
                    == 1;
            assertThat(text.length() <= limit || oneGroup).isTrue();
            joined.append(text);
            List<LineBuffer.Part> halves = lines.halves(part);
            assertThat(halves.stream().mapToInt(LineBuffer.Part::length).sum()).isEqualTo(part.length());
        }
        assertThat(joined).hasToString(lines.toString());
    }

    /** The server's own parser is the judge. */
    @Example
    void theServerReadsBackEverySymbol() {
        Map<String, Trade> trades = new TreeMap<>();
        for (String symbol : symbols().list().ofSize(500).sample()) {
            trades.put(symbol, Trade.of(symbol, T0, 1, 1, 1));
        }
        for (String symbol :
                List.of("#", "\\", "a\\", "a\\,", ",", "=", "%5C", "%", "''", "\u2028", "\uD800x", " ", "\"")) {
            trades.put(symbol, Trade.of(symbol, T0, 1, 1, 1));
        }
        InfluxOptions options = InfluxOptions.at(TestServers.shared().address())
                .database(TestServers.newDatabase())
                .build();
        try (MarketStore store = InfluxMarketStore.open(options, TimeSource.system())) {
            store.appendTrades(List.copyOf(trades.values()));
            assertThat(store.symbols()).containsExactlyElementsOf(trades.keySet());
            trades.forEach((symbol, trade) -> {
                List<Trade> found = new ArrayList<>();
                store.trades(TradeRange.of(symbol, 0, Long.MAX_VALUE, 9), found::add);
                assertThat(found).containsExactly(trade);
            });
        }
    }

    @Property(tries = 300)
    void aGroupKeepsOrderAndOverwritesNothing(@ForAll("sequences") List<Integer> sequences) {
        Map<Long, Trade> points = new TreeMap<>();
        for (int i = 0; i < sequences.size(); i++) {
            TradeGroup group = new TradeGroup("test ", T0);
            points.forEach((time, trade) -> group.stored(trade, time));
            group.write(Trade.of("A", T0 + sequences.get(i) % 3, sequences.get(i), i, 1));
            LineBuffer lines = new LineBuffer();
            group.appendTo(lines, LineBuffer.escaped("A"));
            lines.toString().lines().forEach(line -> {
                long time = Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
                long sequence = field(line, "sequence");
                points.put(time, Trade.of("A", field(line, "event"), sequence, 1, 1));
            });
        }
        assertThat(List.copyOf(points.values()))
                .isSortedAccordingTo(
                        Comparator.comparingLong(Trade::eventTimeNanos).thenComparingLong(Trade::sequence));
        assertThat(points.values().stream().map(Trade::sequence))
                .containsExactlyInAnyOrderElementsOf(
                        sequences.stream().distinct().map(Integer::longValue).toList());
    }

    private static long field(String line, String name) {
        String rest = line.substring(line.indexOf(name + "=") + name.length() + 1);
        return Long.parseLong(rest.substring(0, rest.indexOf('i')));
    }

    @Provide
    Arbitrary<String> symbols() {
        Arbitrary<Character> awkward =
                Arbitraries.of('\\', '%', ',', '=', ' ', '\'', '"', 'u', '5', 'C', '\uD83D', '\uDE00');
        return Arbitraries.oneOf(
                        awkward,
                        Arbitraries.chars().all().filter(c -> !Character.isISOControl(c)),
                        Arbitraries.chars().alpha())
                .list()
                .ofMinSize(1)
                .ofMaxSize(20)
                .map(chars -> {
                    StringBuilder symbol = new StringBuilder();
                    chars.forEach(symbol::append);
                    return symbol.toString();
                });
    }

    @Provide
    Arbitrary<List<Integer>> sizes() {
        return Arbitraries.integers().between(1, 30).list().uniqueElements().ofMaxSize(20);
    }

    @Provide
    Arbitrary<Integer> limits() {
        return Arbitraries.integers().between(10, 2_000);
    }

    @Provide
    Arbitrary<List<Integer>> sequences() {
        return Arbitraries.integers().between(0, 40).list().ofMaxSize(30);
    }
}
