package io.tsdash.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.store.MarketStore;
import io.tsdash.store.TradeRange;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class DuckDbCrashTest {
    private static final int KILLS = 4;

    @TempDir
    private Path folder;

    @Test
    void keepsWhatWasAcknowledgedWhenKilled() throws Exception {
        Path file = folder.resolve("crash.duckdb");
        Random random = new Random(4);
        long acknowledged = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            acknowledged = writeAndKill(file, acknowledged, 20 + random.nextInt(60), random.nextInt(20_000_000));

            try (MarketStore store = DuckDbMarketStore.open(DuckDbOptions.at(file))) {
                long kept = store.tradeCount();
                assertThat(kept).isGreaterThanOrEqualTo(acknowledged);
                long distinct = 0;
                for (String symbol : store.symbols()) {
                    long[] count = {0};
                    long number = Long.parseLong(symbol.substring(1));
                    store.trades(TradeRange.of(symbol, 0, Long.MAX_VALUE, Long.MAX_VALUE), trade -> {
                        // Nothing missing, nothing twice: the nth trade of a symbol is known.
                        assertThat(trade).isEqualTo(CrashWriter.trade(number + 7 * count[0]));
                        count[0]++;
                    });
                    distinct += count[0];
                }
                assertThat(distinct).isEqualTo(kept);
            }
        }
        assertThat(acknowledged).isPositive();
    }

    @Test
    void goesOnWhenAFullDiskHasRoomAgain() throws Exception {
        Path file = folder.resolve("full.duckdb");
        Process process =
                writer(file, 0).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        long acknowledged = 0;
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            // After the first batch, as the driver unpacks 80 MB of its own when it is loaded.
            String line = out.readLine();
            limitFileSize(process.pid(), "2000000");
            while (isNumber(line)) {
                acknowledged = Long.parseLong(line);
                line = out.readLine();
            }
            assertThat(line).contains("store '" + file + "' cannot write: free space on its disk");
            limitFileSize(process.pid(), "unlimited");
            long before = acknowledged;
            while (acknowledged < before + 50_000) {
                line = out.readLine();
                assertThat(line).as("the writer ended by itself").isNotNull();
                acknowledged = isNumber(line) ? Long.parseLong(line) : acknowledged;
            }
            process.toHandle().destroyForcibly();
        }
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        try (MarketStore store = DuckDbMarketStore.open(DuckDbOptions.at(file))) {
            long[] expected = {0};
            store.trades(TradeRange.of("S0", 0, Long.MAX_VALUE, Long.MAX_VALUE), trade -> {
                assertThat(trade).isEqualTo(CrashWriter.trade(expected[0]));
                expected[0] += 7;
            });
            assertThat(store.tradeCount()).isGreaterThanOrEqualTo(acknowledged);
        }
    }

    /** Starts a writer, kills it a random moment after it has acknowledged so many batches, and returns what it said last. */
    private static long writeAndKill(Path file, long from, int batches, long delayNanos) throws Exception {
        Process process = writer(file, from)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        long acknowledged = from;
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            for (int i = 0; i < batches; i++) {
                String line = out.readLine();
                assertThat(line).as("the writer ended by itself").isNotNull();
                acknowledged = Long.parseLong(line);
            }
            process.waitFor(delayNanos, TimeUnit.NANOSECONDS);
            // By its handle: Process.destroyForcibly would close the pipe with what was acknowledged last.
            process.toHandle().destroyForcibly();
            acknowledged = Math.max(acknowledged, lastNumber(out, acknowledged));
        }
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return acknowledged;
    }

    private static boolean isNumber(String line) {
        return !line.isEmpty() && line.chars().allMatch(Character::isDigit);
    }

    private static ProcessBuilder writer(Path file, long from) {
        return new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                CrashWriter.class.getName(),
                file.toString(),
                Long.toString(from));
    }

    /** Stands in for a full disk: writing fails in the same place. */
    private static void limitFileSize(long pid, String bytes) throws Exception {
        Process limit = new ProcessBuilder("prlimit", "--pid", Long.toString(pid), "--fsize=" + bytes + ":")
                .redirectErrorStream(true)
                .start();
        String said = new String(limit.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(limit.waitFor()).as(said).isZero();
    }

    /** Reads what was printed before the kill; the last line may be cut, and then says nothing. */
    private static long lastNumber(BufferedReader out, long from) throws IOException {
        StringBuilder rest = new StringBuilder();
        char[] buffer = new char[4_096];
        for (int read = out.read(buffer); read > 0; read = out.read(buffer)) {
            rest.append(buffer, 0, read);
        }
        long last = from;
        String whole = rest.substring(0, rest.lastIndexOf("\n") + 1);
        for (String line : whole.split("\n", -1)) {
            last = line.isEmpty() ? last : Long.parseLong(line);
        }
        return last;
    }
}
