package io.tsdash.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.examples.RecordedData;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class BarsCommandTest {
    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @CsvSource({
        "fx_quotes_20140508.csv.gz, fx_quote_bars_1m_20140508.csv.gz, 4254",
        "coinbase_btcusd_bars_1s_20161007_08.csv.gz, coinbase_btcusd_bars_1m_20161007_08.csv.gz, 2819",
        "binance_tape_20240808.csv.gz, binance_bars_1m_COMPUTED_20240808.csv.gz, 33"
    })
    void barsOfRecordedDataEqualTheOracleExactly(String tape, String oracle, int count) throws IOException {
        assertThat(run("bars", "--interval", "1m", RecordedData.file(tape).toString()))
                .isZero();
        Map<String, Map<String, String>> expected =
                rows(new GZIPInputStream(Files.newInputStream(RecordedData.file(oracle))));
        Map<String, Map<String, String>> bars =
                rows(new ByteArrayInputStream(out.toString().getBytes(StandardCharsets.UTF_8)));
        assertThat(expected).hasSize(count);
        assertThat(bars.keySet()).isEqualTo(expected.keySet());
        expected.forEach((key, row) -> row.forEach((column, value) -> {
            if (!column.equals("symbol")) {
                assertThat(new BigDecimal(bars.getOrDefault(key, Map.of()).getOrDefault(column, "-1e99")))
                        .as("%s of %s", column, key)
                        .isEqualByComparingTo(value);
            }
        }));
    }

    @Test
    void aTapeOutOfOrderWithinTheLatenessGivesTheSameBars() throws IOException {
        List<String> lines;
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(RecordedData.file("binance_tape_20240808.csv.gz"))),
                StandardCharsets.UTF_8))) {
            lines = new ArrayList<>(
                    reader.lines().filter(line -> !line.contains(",Q,")).toList());
        }
        String header = lines.remove(0);
        String inOrder = bars(header, lines);
        for (int i = 0; i + 50 <= lines.size(); i += 50) {
            Collections.shuffle(lines.subList(i, i + 50), new Random(i));
        }
        lines.addAll(100, lines.subList(100, 200));
        assertThat(bars(header, lines)).isEqualTo(inOrder);
        assertThat(err.toString()).contains("duplicate 100");
    }

    @Test
    void aCorruptLineIsToldAndCostsNothingElse() throws IOException {
        Path tape = folder.resolve("tape.csv");
        Files.writeString(
                tape,
                String.join(
                        "\n",
                        "timestamp_ns,symbol,price,volume",
                        "1723161254087896568,A,10.5,1",
                        "1723161254087896569,A,NaN,1",
                        "not a line",
                        "1723161254087896570,A,-inf,1",
                        "1723161254087896571,A,10.7,-4",
                        "1723161254087896572,A,10.6,2",
                        ""));
        assertThat(run("bars", "--interval", "1m", tape.toString())).isZero();
        assertThat(out.toString())
                .isEqualTo("bar_start_ns,symbol,interval_s,open,high,low,close,volume,trades\n"
                        + "1723161240000000000,A,60,10.5,10.6,10.5,10.6,3,2\n");
        assertThat(err.toString())
                .contains("refused 4")
                .contains("refused line 3")
                .contains("refused line 4");
    }

    @Test
    void cancelsCorrectionsAndEligibilityAreHonoured() throws IOException {
        Path tape = folder.resolve("tape.csv");
        Files.writeString(
                tape,
                String.join(
                        "\n",
                        "timestamp_ns,symbol,price,volume,event,seq,ohlc_eligible,volume_eligible",
                        "1723161254000000000,A,10,1,T,1,1,1",
                        "1723161254000000000,A,99,1,T,2,1,1",
                        "1723161254000000000,A,,,X,2,,",
                        "1723161254000000000,A,11,5,C,1,1,1",
                        "1723161255000000000,A,50,7,T,3,0,1",
                        "1723161256000000000,A,12,9,T,4,1,0",
                        ""));
        assertThat(run("bars", "--interval", "1m", tape.toString())).isZero();
        assertThat(out.toString()).endsWith("\n1723161240000000000,A,60,11,12,11,12,12,3\n");
    }

    @Test
    void readsStandardInputAndSaysWhatEndedATapeTooEarly() throws IOException {
        byte[] whole = Files.readAllBytes(RecordedData.file("coinbase_btc_trades_20230905.csv.gz"));
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(whole, 0, whole.length / 2));
        try {
            assertThat(run("bars", "--interval", "1m", "-")).isEqualTo(1);
        } finally {
            System.setIn(before);
        }
        assertThat(out.toString().lines().count()).isGreaterThan(20);
        assertThat(err.toString()).contains("standard input").contains("damaged after line");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--interval 1x FILE | 2 | interval was '1x' but it must be like 1s",
                "--interval 1m --lateness soon FILE | 2 | 'soon' is no time like 5s",
                "--interval 1m MISSING | 1 | must be a file that exists",
                "--interval 1m EMPTY | 1 | it must begin with a header line",
                "--interval 1m HEADLESS | 1 | 'symbol'",
                "--interval 30s BARS | 1 | must lie within one window of 30s",
                "FILE | 2 | --interval"
            })
    void wrongUseGetsAClearError(String arguments, int code, String message) throws IOException {
        Files.writeString(folder.resolve("EMPTY"), "");
        Files.writeString(folder.resolve("FILE"), "timestamp_ns,symbol,price,volume\n");
        Files.writeString(folder.resolve("HEADLESS"), "timestamp_ns,price\n1,2\n");
        Files.writeString(
                folder.resolve("BARS"),
                "bar_start_ns,symbol,interval_s,open,high,low,close,volume\n60000000000,A,60,1,1,1,1,1\n");
        String[] words = ("bars " + arguments).split(" ", -1);
        for (int i = 0; i < words.length; i++) {
            if (words[i].equals(words[i].toUpperCase(java.util.Locale.ROOT)) && !words[i].startsWith("-")) {
                words[i] = folder.resolve(words[i]).toString();
            }
        }
        assertThat(run(words)).isEqualTo(code);
        assertThat(err.toString()).contains(message);
    }

    private String bars(String header, List<String> lines) throws IOException {
        Path tape = folder.resolve("shuffled.csv");
        Files.writeString(tape, header + "\n" + String.join("\n", lines) + "\n");
        out.getBuffer().setLength(0);
        assertThat(run("bars", "--interval", "1m", tape.toString())).isZero();
        return out.toString();
    }

    private int run(String... arguments) {
        CommandLine commandLine = Tsdash.commandLine();
        return commandLine
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    private static Map<String, Map<String, String>> rows(InputStream in) throws IOException {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            String[] header = reader.readLine().split(",", -1);
            Map<String, Map<String, String>> rows = new TreeMap<>();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                String[] fields = line.split(",", -1);
                Map<String, String> row = new TreeMap<>();
                for (int i = 0; i < fields.length; i++) {
                    row.put(header[i], fields[i]);
                }
                rows.put(row.get("symbol") + " " + row.get("bar_start_ns"), row);
            }
            return rows;
        }
    }
}
