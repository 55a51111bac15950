package io.tsdash.engines;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** One Alertmanager with a configuration file of the caller's, on a free port of the loopback. Thread-safe. */
public final class AlertmanagerServer implements AutoCloseable {
    private final EngineProcess process;
    private final int port;

    private AlertmanagerServer(EngineProcess process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts it and waits until it listens. It looks for no others: without that it takes a port for them.
     *
     * @param configuration its file
     * @param folder where it keeps its data and log; must exist
     */
    public static AlertmanagerServer start(Path configuration, Path folder) {
        int port = EngineProcess.freePort();
        List<String> command = List.of(
                EngineProcess.installed(Path.of("/usr/bin/prometheus-alertmanager"))
                        .toString(),
                "--config.file=" + configuration,
                "--storage.path=" + folder.resolve("alertmanager"),
                "--cluster.listen-address=",
                "--web.listen-address=127.0.0.1:" + port);
        return new AlertmanagerServer(
                EngineProcess.start(
                        "alertmanager",
                        command,
                        Map.of(),
                        folder.resolve("alertmanager.log"),
                        () -> EngineProcess.accepts(port)),
                port);
    }

    /** Returns host and port, as Prometheus's configuration names it. */
    public String address() {
        return "127.0.0.1:" + port;
    }

    /** Returns its output so far. */
    public String output() {
        return process.output();
    }

    @Override
    public void close() {
        process.close();
    }
}
