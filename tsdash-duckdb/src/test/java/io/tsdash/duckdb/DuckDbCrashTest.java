package io.tsdash.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.store.MarketStore;
import io.tsdash.store.TradeRange;
import io.tsdash.testkit.CrashWriter;
import io.tsdash.testkit.StoreCrashContract;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class DuckDbCrashTest extends StoreCrashContract {
    @TempDir
    private Path folder;

    @Override
    protected String storeName() {
        return "duckdb";
    }

    @Override
    protected String address() {
        return folder.resolve("crash.duckdb").toString();
    }

    @Override
    protected Map<String, String> options() {
        return Map.of();
    }

    @Override
    protected Optional<Engine> engine() {
        return Optional.empty();
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
            store.trades(TradeRange.of("S00", 0, Long.MAX_VALUE, Long.MAX_VALUE), trade -> {
                assertThat(trade).isEqualTo(CrashWriter.trade(expected[0]));
                expected[0] += 50;
            });
            assertThat(store.tradeCount()).isGreaterThanOrEqualTo(acknowledged);
        }
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
                "duckdb",
                file.toString(),
                Long.toString(from),
                Long.toString(Long.MAX_VALUE),
                "3000");
    }

    /** Stands in for a full disk: writing fails in the same place. */
    private static void limitFileSize(long pid, String bytes) throws Exception {
        Process limit = new ProcessBuilder("prlimit", "--pid", Long.toString(pid), "--fsize=" + bytes + ":")
                .redirectErrorStream(true)
                .start();
        String said = new String(limit.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(limit.waitFor()).as(said).isZero();
    }
}
