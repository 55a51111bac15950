package io.tsdash.engines;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** OpenSearch as one node without plugins or security. Thread-safe. */
public final class OpenSearchServer implements AutoCloseable {
    private static final String VERSION = "2.19.3";

    private final int port = EngineProcess.freePort();
    private final EngineProcess process;

    private OpenSearchServer(Path folder) {
        Path home = EngineProcess.installed(
                EngineProcess.cache().resolve("opensearch/" + VERSION).resolve("opensearch-" + VERSION));
        try {
            Path settings = Files.createDirectories(folder.resolve("settings"));
            copy(home.resolve("config"), settings);
            Path scratch = Files.createDirectories(folder.resolve("scratch"));
            List<String> command = new ArrayList<>(asSomeone());
            command.addAll(List.of(
                    "bash",
                    home.resolve("bin/opensearch").toString(),
                    "-Ediscovery.type=single-node",
                    "-Enetwork.host=127.0.0.1",
                    "-Ehttp.port=" + port,
                    "-Etransport.port=" + EngineProcess.freePort(),
                    "-Epath.data=" + folder.resolve("data"),
                    "-Epath.logs=" + folder.resolve("logs"),
                    "-Ecluster.routing.allocation.disk.threshold_enabled=false"));
            process = EngineProcess.start(
                    "OpenSearch",
                    command,
                    Map.of(
                            "OPENSEARCH_JAVA_HOME", System.getProperty("java.home"),
                            "OPENSEARCH_JAVA_OPTS", "-Xms384m -Xmx384m -XX:TieredStopAtLevel=1",
                            "OPENSEARCH_PATH_CONF", settings.toString(),
                            "OPENSEARCH_TMPDIR", scratch.toString()),
                    folder.resolve("log"),
                    () -> EngineProcess.accepts(port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Starts it and waits until it answers.
     *
     * @param folder where its data, settings and output go; made when it is not there
     */
    public static OpenSearchServer start(Path folder) {
        return new OpenSearchServer(folder);
    }

    /** Returns its address. */
    public URI address() {
        return URI.create("http://127.0.0.1:" + port);
    }

    @Override
    public void close() {
        process.close();
    }

    /** It refuses root: as root it is someone else in a name space of its own, who may do with the files what root may. */
    private static List<String> asSomeone() {
        return System.getProperty("user.name").equals("root")
                ? List.of("unshare", "--user", "--map-user=1000", "--map-group=1000")
                : List.of();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
    }
}
