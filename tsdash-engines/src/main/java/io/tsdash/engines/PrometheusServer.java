package io.tsdash.engines;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Prometheus with a configuration file of the caller's, on a free port of the loopback. Thread-safe. */
public final class PrometheusServer implements AutoCloseable {
    private static final int ANSWER_MILLIS_MAX = 1_000;

    private final EngineProcess process;
    private final int port;

    private PrometheusServer(EngineProcess process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts it and waits until it is ready to be asked: it listens before, and refuses.
     *
     * @param configuration its file
     * @param folder where it keeps its data and log; must exist
     * @param features what is off by default, such as {@code native-histograms}
     */
    public static PrometheusServer start(Path configuration, Path folder, String... features) {
        int port = EngineProcess.freePort();
        List<String> command = new ArrayList<>(List.of(
                EngineProcess.installed(Path.of("/usr/bin/prometheus")).toString(),
                "--config.file=" + configuration,
                "--storage.tsdb.path=" + folder.resolve("prometheus"),
                "--web.listen-address=127.0.0.1:" + port));
        for (String feature : features) {
            command.add("--enable-feature=" + feature);
        }
        return new PrometheusServer(
                EngineProcess.start(
                        "prometheus", command, Map.of(), folder.resolve("prometheus.log"), () -> isReady(port)),
                port);
    }

    /** Returns where its HTTP API is, without a slash at the end. */
    public String address() {
        return "http://127.0.0.1:" + port;
    }

    /** Has it read its configuration again (SIGHUP); it goes on as before meanwhile, and if the file is wrong. */
    public void reload() {
        process.signal("HUP");
    }

    /** Returns its output so far. */
    public String output() {
        return process.output();
    }

    @Override
    public void close() {
        process.close();
    }

    private static boolean isReady(int port) {
        try {
            HttpURLConnection connection = (HttpURLConnection)
                    URI.create("http://127.0.0.1:" + port + "/-/ready").toURL().openConnection();
            connection.setConnectTimeout(ANSWER_MILLIS_MAX);
            connection.setReadTimeout(ANSWER_MILLIS_MAX);
            return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
        } catch (IOException e) {
            return false;
        }
    }
}
