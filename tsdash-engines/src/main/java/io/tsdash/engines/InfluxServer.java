package io.tsdash.engines;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** InfluxDB 1.x with its own configuration, folder and ports; drops what is beyond retention within a second or two. One thread at a time. */
public final class InfluxServer implements AutoCloseable {
    private static final int ANSWER_MILLIS_MAX = 2_000;

    private final Path folder;
    private final int port;
    private final int backupPort;
    private final Map<String, String> httpSettings;
    private final @Nullable EngineProcess disk;
    private EngineProcess process;

    private InfluxServer(Path folder, Map<String, String> httpSettings, int diskMegabytes) {
        this.folder = folder;
        this.httpSettings = new TreeMap<>(httpSettings);
        this.port = EngineProcess.freePort();
        this.backupPort = EngineProcess.freePort();
        this.disk = diskMegabytes == 0 ? null : mount(diskMegabytes);
        this.process = launch();
    }

    /**
     * Starts a server and waits until it answers.
     *
     * @param folder where it keeps its data; made when it is not there
     */
    public static InfluxServer start(Path folder) {
        return new InfluxServer(folder, Map.of(), 0);
    }

    /**
     * Starts a server with settings of its section {@code http} beside the usual ones, such as {@code auth-enabled = true}.
     *
     * @param folder where it keeps its data; made when it is not there
     * @param httpSettings names and values as they stand in its configuration
     */
    public static InfluxServer start(Path folder, Map<String, String> httpSettings) {
        return new InfluxServer(folder, httpSettings, 0);
    }

    /**
     * Starts a server on a disk of its own that is small: in memory, seen by the server only, gone when it ends.
     *
     * @param folder where it writes its output; made when it is not there
     * @param megabytes the size of the disk
     */
    public static InfluxServer startOnSmallDisk(Path folder, int megabytes) {
        return new InfluxServer(folder, Map.of(), megabytes);
    }

    /** Returns the folder of its data as this process can reach it, whatever disk it is on. */
    public Path data() {
        Path data = folder.resolve("disk");
        return disk == null ? data : Path.of("/proc/" + disk.process().pid() + "/root" + data);
    }

    /** Returns the port on the loopback that it listens on. */
    public int port() {
        return port;
    }

    /** Returns its address. */
    public URI address() {
        return URI.create((httpSettings.containsKey("https-enabled") ? "https" : "http") + "://127.0.0.1:" + port);
    }

    /** Returns its process id. */
    public long pid() {
        return process.process().pid();
    }

    /** Ends it as a crash would (SIGKILL), and waits until it is gone. */
    public void kill() {
        process.kill();
    }

    /** Starts it again on the same data and port, and waits until it answers. */
    public void restart() {
        process.close();
        process = launch();
    }

    @Override
    public void close() {
        process.close();
        if (disk != null) {
            disk.close();
        }
    }

    private EngineProcess launch() {
        try {
            Files.createDirectories(folder.resolve("disk"));
            Path configuration = folder.resolve("influxdb.conf");
            Files.writeString(configuration, configuration());
            List<String> command = new ArrayList<>(onItsDisk());
            command.addAll(List.of(program().toString(), "run", "-config", configuration.toString()));
            // Its zone must not matter: it has another one than most servers.
            return EngineProcess.start(
                    "influxd", command, Map.of("TZ", "Asia/Kolkata"), folder.resolve("log"), this::answers);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts what holds a small disk: a process in a name space of its own, where the disk is mounted. */
    private EngineProcess mount(int megabytes) {
        Path mounted = folder.resolve("disk");
        List<String> command = new ArrayList<>(List.of("unshare"));
        if (!isRoot()) {
            command.addAll(List.of("--user", "--map-root-user"));
        }
        command.addAll(List.of(
                "--mount",
                "sh",
                "-c",
                "mkdir -p \"$0\" && mount -t tmpfs -o size=" + megabytes
                        + "m tmpfs \"$0\" && touch \"$0/ready\" && exec cat",
                mounted.toString()));
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return EngineProcess.start(
                "small disk",
                command,
                Map.of(),
                folder.resolve("disk.log"),
                () -> !Files.exists(mounted.resolve("ready")) && isMounted(mounted));
    }

    private boolean isMounted(Path mounted) {
        return ProcessHandle.current()
                .children()
                .anyMatch(child -> Files.exists(Path.of("/proc/" + child.pid() + "/root" + mounted.resolve("ready"))));
    }

    /** Returns what goes before the command, so that the server sees the small disk. */
    private List<String> onItsDisk() {
        if (disk == null) {
            return List.of();
        }
        String pid = Long.toString(disk.process().pid());
        return isRoot()
                ? List.of("nsenter", "--target", pid, "--mount")
                : List.of("nsenter", "--target", pid, "--user", "--preserve-credentials", "--mount");
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    private String configuration() {
        StringBuilder http = new StringBuilder();
        httpSettings.forEach((name, value) ->
                http.append("  ").append(name).append(" = ").append(value).append('\n'));
        return """
                reporting-disabled = true
                bind-address = "127.0.0.1:%d"
                [meta]
                  dir = "%s/disk/meta"
                [data]
                  dir = "%s/disk/data"
                  wal-dir = "%s/disk/wal"
                  query-log-enabled = false
                [coordinator]
                  write-timeout = "30s"
                [retention]
                  check-interval = "1s"
                [monitor]
                  store-enabled = false
                [continuous_queries]
                  log-enabled = false
                [http]
                  bind-address = "127.0.0.1:%d"
                  log-enabled = false
                %s""".formatted(backupPort, folder, folder, folder, port, http);
    }

    /** Returns the program that the scripts have put into the cache, or that of the machine. */
    private static Path program() {
        Path own = EngineProcess.cache().resolve("influx/usr/bin/influxd");
        return Files.exists(own) ? own : EngineProcess.installed(Path.of("/usr/bin/influxd"));
    }

    private boolean answers() {
        if (httpSettings.containsKey("https-enabled")) {
            return EngineProcess.accepts(port);
        }
        try {
            HttpURLConnection ping =
                    (HttpURLConnection) address().resolve("/ping").toURL().openConnection();
            ping.setConnectTimeout(ANSWER_MILLIS_MAX);
            ping.setReadTimeout(ANSWER_MILLIS_MAX);
            return ping.getResponseCode() == HttpURLConnection.HTTP_NO_CONTENT;
        } catch (IOException e) {
            return false;
        }
    }
}
