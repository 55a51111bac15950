package io.tsdash.examples.browser;

import static org.assertj.core.api.Assertions.assertThat;

import io.tsdash.examples.server.ReferenceServer;
import io.tsdash.examples.server.ServerSettings;
import io.tsdash.time.TimeSource;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Drives the dashboard in headless Chromium; the steps are in {@code web/browser-test/run.mjs}. */
class DashboardBrowserTest {
    private static final Path SCREENSHOTS = Path.of("target", "screenshots").toAbsolutePath();

    @TempDir
    private Path folder;

    @Test
    void theDashboardFillsDrawsAndRecoversFromACutByResuming() throws Exception {
        Map<String, String> settings = Map.of(
                "port", "0",
                "data", folder.toString(),
                "feed", "sim",
                "feed.symbols", "40",
                "feed.rate", "800");
        try (ReferenceServer server = new ReferenceServer(ServerSettings.of(settings), TimeSource.system());
                CuttableProxy network = new CuttableProxy(server.port())) {
            server.start();
            List<String> said = run(network);
            assertThat(said).as(String.join("\n", said)).contains("{\"result\":\"passed\"}");
        }
    }

    private static List<String> run(CuttableProxy network) throws IOException, InterruptedException {
        Process browser = new ProcessBuilder(
                        "node",
                        "browser-test/run.mjs",
                        "http://127.0.0.1:" + network.port() + "/",
                        SCREENSHOTS.toString())
                .directory(Path.of("web").toFile())
                .redirectErrorStream(true)
                .start();
        List<String> said = new ArrayList<>();
        try (BufferedReader lines =
                        new BufferedReader(new InputStreamReader(browser.getInputStream(), StandardCharsets.UTF_8));
                Writer answers = browser.outputWriter()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                said.add(line);
                System.out.println(line);
                if (line.equals("{\"need\":\"cut\"}") || line.equals("{\"need\":\"restore\"}")) {
                    if (line.contains("cut")) {
                        network.cut();
                    } else {
                        network.restore();
                    }
                    answers.write("done\n");
                    answers.flush();
                }
            }
            assertThat(browser.waitFor(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            browser.destroyForcibly();
        }
        return said;
    }
}
