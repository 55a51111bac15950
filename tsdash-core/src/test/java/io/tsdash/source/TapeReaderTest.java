package io.tsdash.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tsdash.error.InvalidInputException;
import io.tsdash.model.Bar;
import io.tsdash.model.MarketEvent;
import io.tsdash.model.Quote;
import io.tsdash.model.Side;
import io.tsdash.model.Trade;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TapeReaderTest {
    private static final Path DATA = Path.of(System.getProperty("tsdash.data"));

    @Test
    void readsTradesQuotesCorrectionsAndCancels() {
        List<TapeRow> rows = rows("""
                timestamp_ns,symbol,price,volume,bid,ask,bid_size,ask_size,event,exchange_ts_ns,seq,side,version,ohlc_eligible,volume_eligible
                100,A,1.5,2,,,,,T,90,7,B,,,
                101,A,,,1.4,1.6,10,20,Q,,8,,,,
                102,A,1.25,2,,,,,C,90,7,sell,,0,true
                103,A,1.75,2,,,,,C,90,7,sell,3,1,false
                104,A,,,,,,,X,90,7,,,,
                105,A,,,,1.6,,,,,9,,,,
                """);

        assertThat(rows)
                .containsExactly(
                        event(new Trade("A", 90, 100, 7, 1.5, 2, Side.BUY, true, true, 0)),
                        event(new Quote("A", 101, 101, 8, 1.4, 1.6, 10, 20)),
                        event(new Trade("A", 90, 102, 7, 1.25, 2, Side.SELL, false, true, 1)),
                        event(new Trade("A", 90, 103, 7, 1.75, 2, Side.SELL, true, false, 3)),
                        event(Trade.cancel("A", 90, 7, 104)),
                        event(new Quote("A", 105, 105, 9, Double.NaN, 1.6, Double.NaN, Double.NaN)));
    }

    @Test
    void findsColumnsByNameAndIgnoresOthers() {
        List<TapeRow> rows = rows("venue,Volume,symbol,price,timestamp_ns\nX,2,A,1.5,100\r\n\nX,3,B,2.5,101");

        assertThat(rows).containsExactly(event(trade("A", 100, 1, 1.5, 2)), event(trade("B", 101, 3, 2.5, 3)));
    }

    @Test
    void takesSymbolsInQuotes() {
        List<TapeRow> rows =
                rows("timestamp_ns,symbol,price,volume\n1,\"A,\"\"B\"\"\",1.5,2\n2,\"A,\"\"B\"\"\",1.5,2\n3,é€,1,1\n");

        assertThat(rows)
                .containsExactly(
                        event(trade("A,\"B\"", 1, 1, 1.5, 2)),
                        event(trade("A,\"B\"", 2, 2, 1.5, 2)),
                        event(trade("é€", 3, 3, 1, 1)));
    }

    @Test
    void readsFinerBars() {
        List<TapeRow> rows = rows("""
                bar_start_ns,symbol,interval_s,open,high,low,close,volume,trades
                60000000000,A,60,2,4,1,3,10,5
                60000000001,A,60,2,4,1,3,10,5
                60000000000,A,60,2,4,3,3,10,5
                """);

        assertThat(rows).hasSize(3);
        Bar bar = ((TapeRow.OfBar) rows.get(0)).bar();
        assertThat(bar.openTimeNanos()).isEqualTo(60_000_000_000L);
        assertThat(bar.closeTimeNanos()).isEqualTo(120_000_000_000L);
        assertThat(new double[] {bar.open(), bar.high(), bar.low(), bar.close(), bar.volume()})
                .containsExactly(2, 4, 1, 3, 10);
        assertThat(bar.tradeCount()).isEqualTo(5);
        assertThat(((Refused) rows.get(1)).reason()).contains("bar_start_ns", "multiple");
        assertThat(((Refused) rows.get(2)).reason()).contains("outside of [low, high]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1,A,1.5                  | it has 3 fields but the header has 6",
                "1,A,1.5,2,T,7,8          | it has 7 fields but the header has 6",
                "x,A,1.5,2,T,7            | timestamp_ns was 'x'",
                "-1,A,1.5,2,T,7           | timestamp_ns was '-1'",
                "99999999999999999999,A,1.5,2,T,7 | timestamp_ns was '99999999999999999999'",
                "1,,1.5,2,T,7             | symbol is missing",
                "1,A,abc,2,T,7            | price was 'abc' but it must be a finite decimal number",
                "1,A,NaN,2,T,7            | price was 'NaN'",
                "1,A,Infinity,2,T,7       | price was 'Infinity'",
                "1,A,1e400,2,T,7          | price was '1e400'",
                "1,A,1.5,-2,T,7           | volume was '-2.0' but it must be finite and not negative",
                "1,A,1.5,,T,7             | volume is missing",
                "1,A,,2,T,7               | price is missing",
                "1,A,1.5,2,Z,7            | event was 'Z'",
                "1,A,1.5,2,TT,7           | event was 'TT'",
                "1,A,1.5,2,C,             | a correction needs 'seq'",
                "1,A,,,X,                 | a cancel needs 'seq'",
                "1,A,,,,7                 | it has neither a price nor a bid or ask",
            })
    void refusesACorruptRowAndNothingElse(String line, String reason) {
        List<TapeRow> rows =
                rows("timestamp_ns,symbol,price,volume,event,seq\n0,A,1,1,T,1\n" + line + "\n2,A,1,1,T,2\n");

        assertThat(rows).hasSize(3);
        assertThat(rows.get(0)).isEqualTo(event(trade("A", 0, 1, 1, 1)));
        assertThat(rows.get(2)).isEqualTo(event(trade("A", 2, 2, 1, 1)));
        Refused refused = (Refused) rows.get(1);
        assertThat(refused.position()).isEqualTo(3);
        assertThat(refused.text()).isEqualTo(line);
        assertThat(refused.reason()).contains(reason);
    }

    @Test
    void refusesLinesWithoutEndAndSymbolsThatAreNoText() {
        byte[] head = "timestamp_ns,symbol,price,volume\n".getBytes(StandardCharsets.UTF_8);
        byte[] huge = new byte[300_000];
        Arrays.fill(huge, (byte) '7');
        ByteArrayOutputStream tape = new ByteArrayOutputStream();
        tape.writeBytes(head);
        tape.writeBytes(huge);
        tape.writeBytes("\n1,A,1,1\n2,".getBytes(StandardCharsets.UTF_8));
        tape.writeBytes(new byte[] {(byte) 0xff, (byte) 0xfe});
        tape.writeBytes(",1,1\n3,A,1,1\n".getBytes(StandardCharsets.UTF_8));

        List<TapeRow> rows = rows(tape.toByteArray());

        assertThat(rows).hasSize(4);
        assertThat(((Refused) rows.get(0)).reason()).contains("longer than 65536 bytes");
        assertThat(((Refused) rows.get(0)).text()).hasSizeLessThan(300);
        assertThat(rows.get(1)).isEqualTo(event(trade("A", 1, 2, 1, 1)));
        assertThat(((Refused) rows.get(2)).reason()).isEqualTo("symbol is not UTF-8");
        assertThat(rows.get(3)).isEqualTo(event(trade("A", 3, 4, 1, 1)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "symbol,price,volume           | 'timestamp_ns'",
                "timestamp_ns,symbol,price     | 'price' and 'volume' (trades) or 'bid' and 'ask' (quotes)",
                "a,b                           | 'timestamp_ns', 'symbol', 'price' and 'volume'",
                "bar_start_ns,symbol,bid_open  | 'interval_s', 'open', 'high', 'low', 'close', 'volume'",
                "timestamp_ns,symbol,bid,bid   | column 'bid' twice",
            })
    void namesWhatAHeaderLacks(String header, String problem) {
        assertThatThrownBy(() -> rows(header + "\n1,2,3\n"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("tape 'test'")
                .hasMessageContaining(problem);
    }

    @Test
    void saysThatATapeIsEmpty() {
        assertThatThrownBy(() -> rows(""))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("is empty");
    }

    @Test
    void saysThatAFileIsNotThere() {
        assertThatThrownBy(() -> TapeReader.open(Path.of("nowhere.csv")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("nowhere.csv");
    }

    @Test
    void deliversAllBeforeTheCutOfATruncatedGzip() throws IOException {
        StringBuilder tape = new StringBuilder("timestamp_ns,symbol,price,volume\n");
        for (int i = 0; i < 10_000; i++) {
            tape.append(i).append(",A,").append(i * 31 % 977).append(".5,1\n");
        }
        byte[] packed = gzip(tape.toString());
        List<TapeRow> whole = rows(packed);
        assertThat(whole).hasSize(10_000).allMatch(TapeRow.OfEvent.class::isInstance);

        List<TapeRow> before = new ArrayList<>();
        TapeReader cut = TapeReader.of(new ByteArrayInputStream(packed, 0, packed.length / 2), "cut");
        assertThatThrownBy(() -> readAll(cut, before))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("tape 'cut' is damaged after line " + (before.size() + 1));
        assertThat(before).hasSizeGreaterThan(1_000).isEqualTo(whole.subList(0, before.size()));
    }

    @Test
    void readsTheWholeBinanceTape() {
        long trades = 0;
        long quotes = 0;
        try (TapeReader tape = TapeReader.open(DATA.resolve("binance_tape_20240808.csv.gz"))) {
            for (TapeRow row = tape.next(); row != null; row = tape.next()) {
                if (((TapeRow.OfEvent) row).event() instanceof Trade) {
                    trades++;
                } else {
                    quotes++;
                }
            }
        }
        assertThat(trades).isEqualTo(52_984);
        assertThat(quotes).isEqualTo(188_010);
    }

    private static TapeRow event(MarketEvent event) {
        return new TapeRow.OfEvent(event);
    }

    private static Trade trade(String symbol, long time, long sequence, double price, double volume) {
        return Trade.of(symbol, time, sequence, price, volume);
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static List<TapeRow> rows(String tape) {
        return rows(tape.getBytes(StandardCharsets.UTF_8));
    }

    private static List<TapeRow> rows(byte[] tape) {
        List<TapeRow> rows = new ArrayList<>();
        readAll(TapeReader.of(new ByteArrayInputStream(tape), "test"), rows);
        return rows;
    }

    private static void readAll(TapeReader tape, List<TapeRow> rows) {
        for (TapeRow row = tape.next(); row != null; row = tape.next()) {
            rows.add(row);
        }
    }
}
