package io.tsdash.engines;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A real ClickHouse server, alone or as a shard of a cluster named {@code tsdash}.
 *
 * <p>User {@value #USER} with password {@value #PASSWORD} may do everything; {@value #READER} and {@value #OBSERVER} with the
 * same password may only read. Thread-safe.
 *
 * <p>This build ends itself when a connection between shards is cut in the middle, where the server proper writes a line to its
 * log. It is started again then, as a service manager would: for its clients that is a crash and a restart.
 */
public final class ClickHouseServer implements AutoCloseable {
    /** A user that may do everything. */
    public static final String USER = "tsdash";

    /** A user that may only read, and set nothing ({@code readonly=1}). */
    public static final String READER = "reader";

    /** A user that may only read, and say how ({@code readonly=2}). */
    public static final String OBSERVER = "observer";

    /** The password of all. */
    public static final String PASSWORD = "the-engines-secret";

    private static final String VERSION = "26.7.3-stable.1";
    private static final String UTC = "UTC";
    private static final int PROBE_MILLIS_MAX = 2_000;

    private final Path folder;
    private final int httpPort = EngineProcess.freePort();
    private final int relayPort = EngineProcess.freePort();
    private final int tcpPort;
    private final String extraDisk;
    private final String zone;
    private EngineProcess process;
    private boolean stopped;

    private ClickHouseServer(Path folder, int tcpPort, int shard, List<Integer> shards, String disk, String zone) {
        this.folder = folder;
        this.tcpPort = tcpPort;
        this.extraDisk = disk;
        this.zone = zone;
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("users.xml"), users());
            Files.writeString(folder.resolve("config.xml"), config(shard, shards));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.process = run();
    }

    /**
     * Starts a server of its own.
     *
     * @param folder where it keeps its data
     */
    public static ClickHouseServer start(Path folder) {
        return start(folder, "");
    }

    /**
     * Starts a server that knows a second disk, as storage policy {@code small}.
     *
     * @param folder where it keeps its data
     * @param disk the folder of the second disk; empty for none
     */
    public static ClickHouseServer start(Path folder, String disk) {
        int tcp = EngineProcess.freePort();
        return new ClickHouseServer(folder, tcp, 1, List.of(tcp), disk, UTC);
    }

    /**
     * Starts a server that is not in UTC.
     *
     * @param zone such as {@code America/New_York}
     * @param folder where it keeps its data
     */
    public static ClickHouseServer startIn(String zone, Path folder) {
        int tcp = EngineProcess.freePort();
        return new ClickHouseServer(folder, tcp, 1, List.of(tcp), "", zone);
    }

    /**
     * Starts the shards of a cluster named {@code tsdash}, one server each.
     *
     * @param folder where they keep their data
     * @param shards how many
     */
    public static List<ClickHouseServer> startCluster(Path folder, int shards) {
        List<Integer> ports = IntStream.range(0, shards)
                .mapToObj(shard -> EngineProcess.freePort())
                .toList();
        return IntStream.range(0, shards)
                .mapToObj(shard -> new ClickHouseServer(
                        folder.resolve("shard" + (shard + 1)), ports.get(shard), shard + 1, ports, "", UTC))
                .toList();
    }

    /** Returns the port of its HTTP interface on the loopback. */
    public int port() {
        return relayPort;
    }

    /** Returns a port of its HTTP interface that is faster, but whose clients must never reset a connection. */
    public int directPort() {
        return httpPort;
    }

    /** Returns the port of its own protocol on the loopback. */
    public int tcpPort() {
        return tcpPort;
    }

    /** Returns the address of its HTTP interface. */
    public String url() {
        return "http://127.0.0.1:" + relayPort;
    }

    /** Returns the process, to measure it. */
    public synchronized ProcessHandle handle() {
        return process.process().toHandle();
    }

    /** Ends it as a crash would (SIGKILL). */
    public synchronized void kill() {
        stopped = true;
        process.kill();
    }

    /** Starts it again on the same data and ports. */
    public synchronized void restart() {
        stopped = true;
        process.close();
        stopped = false;
        process = run();
    }

    /**
     * Runs a statement as {@value #USER} and returns what it answers.
     *
     * @throws IllegalStateException with the server's message, if it fails
     */
    public String execute(String sql) {
        try {
            HttpURLConnection connection = connect("/");
            connection.setReadTimeout(0);
            connection.setRequestProperty("X-ClickHouse-User", USER);
            connection.setRequestProperty("X-ClickHouse-Key", PASSWORD);
            connection.setDoOutput(true);
            connection.getOutputStream().write(sql.getBytes(StandardCharsets.UTF_8));
            if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
                throw new IllegalStateException(
                        new String(connection.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
            }
            return new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized void close() {
        stopped = true;
        process.close();
    }

    /** Starts it again when it has ended by itself, as a service manager would, and says so. */
    private synchronized void revive(EngineProcess ended, int code) {
        if (!stopped && process == ended) {
            System.err.println(
                    "ClickHouse on port " + relayPort + " ended by itself with " + code + " and is started again");
            ended.close();
            process = run();
        }
    }

    private EngineProcess run() {
        EngineProcess started = EngineProcess.start(
                "ClickHouse",
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx32m",
                        "-XX:ErrorFile=" + folder.resolve("crash-%p.log"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        ClickHouseMain.class.getName(),
                        EngineProcess.installed(EngineProcess.cache().resolve("clickhouse/" + VERSION + "/libchdb.so"))
                                .toString(),
                        folder.resolve("data").toString(),
                        Integer.toString(httpPort),
                        Integer.toString(tcpPort),
                        folder.resolve("config.xml").toString(),
                        Integer.toString(relayPort)),
                Map.of(),
                folder.resolve("output.log"),
                this::answers);
        Thread watch = new Thread(() -> watch(started), "clickhouse-watch");
        watch.setDaemon(true);
        watch.start();
        return started;
    }

    private void watch(EngineProcess started) {
        try {
            int code = started.process().waitFor();
            revive(started, code);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean answers() {
        try {
            return connect("/ping").getResponseCode() == HttpURLConnection.HTTP_OK;
        } catch (IOException e) {
            return false;
        }
    }

    private HttpURLConnection connect(String path) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(url() + path).toURL().openConnection();
        connection.setConnectTimeout(PROBE_MILLIS_MAX);
        connection.setReadTimeout(PROBE_MILLIS_MAX);
        return connection;
    }

    private static String users() {
        String user = "<password>" + PASSWORD + "</password><networks><ip>127.0.0.1</ip></networks>"
                + "<quota>default</quota>";
        return "<clickhouse><profiles><default/><readonly><readonly>1</readonly></readonly>"
                + "<observing><readonly>2</readonly></observing></profiles>"
                + "<quotas><default/></quotas><users>"
                // Runs the statements that make it listen; from the network nobody comes in as it.
                + "<default><password></password><networks><ip>::1</ip></networks><profile>default</profile>"
                + "<quota>default</quota><access_management>1</access_management></default>"
                + "<" + USER + ">" + user + "<profile>default</profile><access_management>1</access_management></"
                + USER + ">"
                + "<" + READER + ">" + user + "<profile>readonly</profile></" + READER + ">"
                + "<" + OBSERVER + ">" + user + "<profile>observing</profile></" + OBSERVER + ">"
                + "</users></clickhouse>";
    }

    private String config(int shard, List<Integer> shards) {
        StringBuilder nodes = new StringBuilder();
        for (int port : shards) {
            nodes.append(
                            "<shard><internal_replication>true</internal_replication><replica><host>127.0.0.1</host><port>")
                    .append(port)
                    .append("</port><user>" + USER + "</user><password>" + PASSWORD + "</password></replica></shard>");
        }
        String disks = extraDisk.isEmpty()
                ? ""
                : "<storage_configuration><disks><small><path>" + extraDisk + "/</path></small></disks>"
                        + "<policies><small><volumes><only><disk>small</disk></only></volumes></small></policies>"
                        + "</storage_configuration>";
        // The ports stand here too: by them a node knows itself among the nodes of the cluster.
        return "<clickhouse><tcp_port>" + tcpPort + "</tcp_port><http_port>" + httpPort + "</http_port>"
                + "<users_config>" + folder.resolve("users.xml") + "</users_config><timezone>" + zone + "</timezone>"
                + "<macros><shard>0" + shard + "</shard><replica>r1</replica><cluster>tsdash</cluster></macros>"
                + "<remote_servers><tsdash>" + nodes + "</tsdash></remote_servers>" + disks + "</clickhouse>";
    }
}
