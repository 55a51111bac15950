package io.tsdash.clickhouse;

import io.tsdash.engines.ClickHouseServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** The server that tests share, started when the first one needs it; each test has a database of its own. */
final class TestServer {
    private static final AtomicInteger DATABASES = new AtomicInteger();

    private TestServer() {}

    static ClickHouseServer shared() {
        return Shared.SERVER;
    }

    /** Returns the two shards of a cluster that tests share. */
    static List<ClickHouseServer> cluster() {
        return SharedCluster.SHARDS;
    }

    /** Returns a folder for a server under the build's folder. */
    static Path folder(String name) {
        try {
            Path target = Path.of(System.getProperty("java.io.tmpdir"));
            Files.createDirectories(target);
            return Files.createTempDirectory(target, name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String newDatabase() {
        return "test_" + DATABASES.incrementAndGet();
    }

    /** Returns options for a server behind a port of the loopback. */
    static ClickHouseOptions.Builder options(int port, String database) {
        return ClickHouseOptions.at("http://127.0.0.1:" + port)
                .database(database)
                .user(ClickHouseServer.USER, ClickHouseServer.PASSWORD);
    }

    private static final class Shared {
        static final ClickHouseServer SERVER = ClickHouseServer.start(folder("clickhouse"));
    }

    private static final class SharedCluster {
        static final List<ClickHouseServer> SHARDS = ClickHouseServer.startCluster(folder("clickhouse-cluster"), 2);
    }
}
