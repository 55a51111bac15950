package io.tsdash.engines;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * PostgreSQL as the machine's packages have it; runs as user {@code postgres} where this process is root, as it refuses
 * root. The superuser {@code postgres} needs no password. Thread-safe.
 */
public final class PostgresServer implements AutoCloseable {
    private static final Path PACKAGES = Path.of("/usr/lib/postgresql");
    private static final String USER = "postgres";
    private static final int INITDB_SECONDS_MAX = 120;

    private final Path folder;
    private final int port;
    private final List<String> settings;
    private EngineProcess process;

    private PostgresServer(Path folder, int port, List<String> settings, EngineProcess process) {
        this.folder = folder;
        this.port = port;
        this.settings = settings;
        this.process = process;
    }

    /**
     * Starts it on a free port of the loopback; makes its database cluster first, when it is not there.
     *
     * @param folder where data and log go; other users must be able to walk there
     * @param settings of the server, such as {@code ssl=on}
     */
    public static PostgresServer start(Path folder, String... settings) {
        try {
            Path ours = Files.createDirectories(folder).toAbsolutePath();
            if (!Files.exists(ours.resolve("data"))) {
                own(ours);
                initialize(ours);
            }
            int port = EngineProcess.freePort();
            List<String> all = List.of(settings);
            return new PostgresServer(ours, port, all, run(ours, port, all));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns its port on the loopback. */
    public int port() {
        return port;
    }

    /** Returns its first process, whose children serve the connections. */
    public synchronized ProcessHandle handle() {
        return process.process().toHandle();
    }

    /** Returns the folder of its cluster, for {@code pg_hba.conf} and certificates. */
    public Path data() {
        return folder.resolve("data");
    }

    /** Gives a file or folder to the user that the server runs as. */
    public static void own(Path path) throws IOException {
        if (isRoot()) {
            Files.setOwner(
                    path, path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(USER));
        }
    }

    /** Ends it as a crash would (SIGKILL), with the processes that serve its connections. */
    public synchronized void kill() {
        List<ProcessHandle> backends = process.process().descendants().toList();
        process.kill();
        backends.forEach(ProcessHandle::destroyForcibly);
        backends.forEach(PostgresServer::awaitEnd);
    }

    /** Starts it again on the same data and port. */
    public synchronized void restart() {
        process.close();
        process = run(folder, port, settings);
    }

    @Override
    public synchronized void close() {
        try {
            // SIGINT ends connections; SIGTERM, which comes then, would wait for them.
            new ProcessBuilder("kill", "-INT", Long.toString(process.process().pid()))
                    .redirectErrorStream(true)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.close();
    }

    private static EngineProcess run(Path folder, int port, List<String> settings) {
        List<String> command = new ArrayList<>(List.of(
                program("postgres"),
                "-D",
                folder.resolve("data").toString(),
                "-p",
                Integer.toString(port),
                "-c",
                "listen_addresses=127.0.0.1",
                // A path as long as ours does not fit in the name of a socket.
                "-c",
                "unix_socket_directories="));
        for (String setting : settings) {
            command.add("-c");
            command.add(setting);
        }
        Path log = folder.resolve("server.log");
        try {
            // What an earlier run said about itself would be taken for this one's.
            Files.deleteIfExists(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return EngineProcess.start("PostgreSQL", asUser(command), Map.of(), log, () -> isReady(log));
    }

    private static void initialize(Path folder) throws IOException {
        Process process = new ProcessBuilder(asUser(List.of(
                        program("initdb"),
                        "-D",
                        folder.resolve("data").toString(),
                        "-U",
                        USER,
                        "-A",
                        "trust",
                        "-E",
                        "UTF8",
                        "--locale=C.UTF-8",
                        "--no-sync")))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(INITDB_SECONDS_MAX, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IllegalStateException("initdb failed: " + said);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while initdb ran", e);
        }
    }

    private static boolean isReady(Path log) {
        try {
            return Files.exists(log) && Files.readString(log).contains("ready to accept connections");
        } catch (IOException e) {
            return false;
        }
    }

    private static List<String> asUser(List<String> command) {
        if (!isRoot()) {
            return command;
        }
        // Not runuser, which would stay between us and the server and take the signals.
        List<String> wrapped =
                new ArrayList<>(List.of("setpriv", "--reuid=" + USER, "--regid=" + USER, "--init-groups"));
        wrapped.addAll(command);
        return wrapped;
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    private static String program(String name) {
        try (Stream<Path> versions = Files.list(EngineProcess.installed(PACKAGES))) {
            return versions.map(version -> version.resolve("bin").resolve(name))
                    .filter(Files::isExecutable)
                    .max(Comparator.comparingInt(path -> Integer.parseInt(
                            path.getName(PACKAGES.getNameCount()).toString())))
                    .orElseThrow(() -> new IllegalStateException(
                            "there is no " + name + " under " + PACKAGES + ": run scripts/engines"))
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitEnd(ProcessHandle process) {
        process.onExit().completeOnTimeout(process, 10, TimeUnit.SECONDS).join();
    }
}
