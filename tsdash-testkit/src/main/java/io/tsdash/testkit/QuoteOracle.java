package io.tsdash.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.model.Bar;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/** Published bars of a minute of bids and of asks; a side's symbol is the quote's with {@code " bid"} or {@code " ask"}. */
final class QuoteOracle {
    private static final List<String> PRICES = List.of("open", "high", "low", "close");

    private final Map<String, List<Double>> prices = new HashMap<>();

    private QuoteOracle() {}

    static QuoteOracle read(Path file) {
        QuoteOracle oracle = new QuoteOracle();
        try (BufferedReader in = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
            List<String> header = List.of(in.readLine().split(",", -1));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                List<String> row = List.of(line.split(",", -1));
                for (String side : List.of("bid", "ask")) {
                    if (!row.get(header.indexOf(side + "_open")).isEmpty()) {
                        oracle.prices.put(
                                row.get(header.indexOf("symbol")) + " " + side + " "
                                        + row.get(header.indexOf("bar_start_ns")),
                                PRICES.stream()
                                        .map(price -> Double.valueOf(row.get(header.indexOf(side + "_" + price))))
                                        .toList());
                    }
                }
            }
            return oracle;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Holds bars against all that were published; returns how many there are. */
    int compare(Map<String, Bar> bars) {
        assertThat(bars).hasSameSizeAs(prices);
        for (Bar bar : bars.values()) {
            String key = bar.symbol() + " " + bar.openTimeNanos();
            assertThat(List.of(bar.open(), bar.high(), bar.low(), bar.close()))
                    .as(key)
                    .isEqualTo(prices.get(key));
        }
        return prices.size();
    }
}
