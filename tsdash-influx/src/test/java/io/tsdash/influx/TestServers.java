package io.tsdash.influx;

import io.tsdash.engines.InfluxServer;
import java.nio.file.Path;
import java.util.UUID;

/** The real server that the tests of this module share, and names of databases that are not there yet. */
final class TestServers {
    private static final InfluxServer SHARED = InfluxServer.start(folder());

    private TestServers() {}

    static InfluxServer shared() {
        return SHARED;
    }

    static Path folder() {
        return Path.of("target", "influx-" + UUID.randomUUID()).toAbsolutePath();
    }

    static String newDatabase() {
        return "t" + UUID.randomUUID().toString().replace("-", "");
    }
}
