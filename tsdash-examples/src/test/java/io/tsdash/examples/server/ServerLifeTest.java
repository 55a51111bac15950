package io.tsdash.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.duckdb.DuckDbMarketStore;
import io.tsdash.duckdb.DuckDbOptions;
import io.tsdash.examples.Eventually;
import io.tsdash.model.Bar;
import io.tsdash.model.Interval;
import io.tsdash.model.Trade;
import io.tsdash.store.BarRange;
import io.tsdash.store.MarketStore;
import io.tsdash.store.TradeRange;
import io.tsdash.testkit.NaiveBars;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerLifeTest {
    private static final Duration STOP_MAX = Duration.ofSeconds(5);
    private static final Pattern STOPPED =
            Pattern.compile("has stopped: ([\\d,]+) trades and [\\d,]+ quotes in, ([\\d,]+) trades stored,"
                    + " 0 on disk for the store, 0 set aside, 0 not stored, 0 refused");

    @TempDir
    private Path folder;

    @Test
    void afterKillMinusNineItGoesOnWithWhatWasAcknowledgedAndWithRightBars() throws Exception {
        long before;
        try (ServerProcess server = busy()) {
            trades(server, 1_500);
            server.kill();
        }
        try (MarketStore store = store()) {
            before = store.trades(TradeRange.of("AAPL", 0, Long.MAX_VALUE, Long.MAX_VALUE), trade -> {});
            assertThat(before).isGreaterThanOrEqualTo(1_500);
        }
        try (ServerProcess server = busy()) {
            trades(server, before + 1_500);
            server.terminate();
            assertThat(server.exitCode(STOP_MAX)).isEqualTo(128 + 15);
        }
        int compared = 0;
        try (MarketStore store = store()) {
            for (String symbol : store.symbols()) {
                compared += compareBars(store, symbol);
            }
        }
        // How many depends on how fast the machine is: at least a whole second of each of the 20 symbols.
        assertThat(compared).isGreaterThanOrEqualTo(20);
    }

    @Test
    void onSigtermItEndsWithinFiveSecondsWithAllThatWasAcceptedWritten() throws Exception {
        try (ServerProcess server = busy()) {
            trades(server, 500);
            server.terminate();
            server.exitCode(STOP_MAX);
            Matcher stopped = STOPPED.matcher(server.text());
            assertThat(stopped.find()).as(server.text()).isTrue();
            assertThat(stopped.group(2)).isEqualTo(stopped.group(1));
        }
    }

    @Test
    void aPortInUseIsNamedWithTheWayOut() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerProcess server = new ServerProcess(
                        folder,
                        "--port",
                        String.valueOf(taken.getLocalPort()),
                        "--data",
                        folder.resolve("data").toString())) {
            assertThat(server.exitCode(Duration.ofSeconds(30))).isEqualTo(1);
            assertThat(server.text())
                    .contains(String.valueOf(taken.getLocalPort()))
                    .contains("in use")
                    .doesNotContain("\tat ");
        }
    }

    @Test
    void aDataFolderThatCannotBeWrittenIsNamed() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "not a folder");
        try (ServerProcess server = new ServerProcess(folder, "--port", "0", "--data", file.toString())) {
            assertThat(server.exitCode(Duration.ofSeconds(30))).isEqualTo(1);
            assertThat(server.text()).contains(file.toString()).doesNotContain("\tat ");
        }
    }

    @Test
    void allErrorsOfAConfigurationAreToldAtOnce() throws Exception {
        Path config = Files.writeString(
                folder.resolve("tsdash.properties"), "port=99999\nintervals=1m,1x\nlateness=soon\ncolour=blue\n");
        try (ServerProcess server = new ServerProcess(folder, "--config", config.toString())) {
            assertThat(server.exitCode(Duration.ofSeconds(30))).isEqualTo(1);
            assertThat(server.text())
                    .contains("port was '99999' but it must be 0 to 65535")
                    .contains("interval was '1x'")
                    .contains("lateness was 'soon'")
                    .contains("colour is no option")
                    .doesNotContain("\tat ");
        }
    }

    @Test
    void anUnknownFeedIsToldWithThoseThatThereAre() throws Exception {
        try (ServerProcess server = new ServerProcess(
                folder, "--port", "0", "--data", folder.resolve("data").toString(), "--feed", "nyse")) {
            assertThat(server.exitCode(Duration.ofSeconds(30))).isEqualTo(1);
            assertThat(server.text()).contains("nyse").contains("none, replay, sim");
        }
    }

    private ServerProcess busy() throws IOException {
        return new ServerProcess(
                folder,
                "--port",
                "0",
                "--data",
                folder.resolve("data").toString(),
                "--intervals",
                "1s,5s,1m,1h",
                "--feed-option",
                "rate=10000",
                "--feed-option",
                "symbols=20",
                "--feed-option",
                "late=0.01");
    }

    private MarketStore store() {
        return DuckDbMarketStore.open(DuckDbOptions.at(folder.resolve("data").resolve("tsdash.duckdb")));
    }

    /** Waits until the store answers with so many trades of one symbol: those are acknowledged. */
    private static void trades(ServerProcess server, long count) {
        Eventually.holds(count + " trades are stored", Duration.ofSeconds(60), () -> {
            Matcher stored = Pattern.compile("\"trades\":(\\d+)")
                    .matcher(server.get("/aggregates/vwap?symbol=AAPL&from=0&to=4000000000000000000"));
            return stored.find() && Long.parseLong(stored.group(1)) >= count;
        });
    }

    /** Holds the stored bars of windows that have ended against a batch over the stored trades. */
    private static int compareBars(MarketStore store, String symbol) {
        List<Trade> trades = new ArrayList<>();
        store.trades(TradeRange.of(symbol, 0, Long.MAX_VALUE, Long.MAX_VALUE), trades::add);
        long end = trades.get(trades.size() - 1).eventTimeNanos() - 1_000_000_000L;
        int compared = 0;
        for (String text : new String[] {"1s", "5s", "1m"}) {
            Interval interval = Interval.parse(text);
            List<Bar> stored = store.bars(BarRange.of(symbol, interval, 0, Long.MAX_VALUE, Integer.MAX_VALUE));
            List<Bar> naive = NaiveBars.of(trades, symbol, interval).stream()
                    .filter(bar -> bar.closeTimeNanos() < end)
                    .toList();
            assertThat(stored.stream().filter(bar -> bar.closeTimeNanos() < end).map(ServerLifeTest::values))
                    .as("%s of %s", text, symbol)
                    .containsExactlyElementsOf(
                            naive.stream().map(ServerLifeTest::values).toList());
            compared += naive.size();
        }
        return compared;
    }

    private static List<Object> values(Bar bar) {
        return List.of(
                bar.openTimeNanos(),
                bar.open(),
                bar.high(),
                bar.low(),
                bar.close(),
                (float) bar.volume(), // the store's sums are good to 1e-12
                bar.tradeCount());
    }
}
