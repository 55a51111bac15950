package io.tsdash.engines;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** HAProxy with a configuration file of the caller's. Thread-safe. */
public final class HaproxyServer implements AutoCloseable {
    private final EngineProcess process;

    private HaproxyServer(EngineProcess process) {
        this.process = process;
    }

    /**
     * Starts it and waits until it listens.
     *
     * @param configuration its file
     * @param environment variables that the configuration names
     * @param port one that the configuration listens on
     * @param log where its output goes
     */
    public static HaproxyServer start(Path configuration, Map<String, String> environment, int port, Path log) {
        String program = EngineProcess.installed(Path.of("/usr/sbin/haproxy")).toString();
        return new HaproxyServer(EngineProcess.start(
                "haproxy",
                List.of(program, "-db", "-f", configuration.toString()),
                environment,
                log,
                () -> EngineProcess.accepts(port)));
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
