package io.tsdash.timescale;

import io.tsdash.engines.PostgresServer;
import io.tsdash.engines.TimescaleServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** The two real servers of this module's tests, started when first asked for and shared by all of a run. */
final class Servers {
    private static final AtomicInteger LAST_SCHEMA = new AtomicInteger();

    private Servers() {}

    static TimescaleServer timescale() {
        Timescale.SERVER.restartIfEnded();
        return Timescale.SERVER;
    }

    static PostgresServer postgres() {
        return Postgres.SERVER;
    }

    /** Returns a new folder under this module's {@code target}. */
    static Path newFolder(String name) {
        try {
            Path parent = Files.createDirectories(Path.of("target", "servers"));
            return Files.createTempDirectory(parent, name).toAbsolutePath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns options for a schema that no other test has. */
    static TimescaleOptionsBuilder newSchema(int port) {
        return TimescaleOptions.builder()
                .server("127.0.0.1", port)
                .database("postgres")
                .login("postgres", "")
                .schema("tsdash_" + LAST_SCHEMA.incrementAndGet())
                // Tests range over months: a chunk a day would be mostly chunks.
                .chunkInterval(Duration.ofDays(7))
                .connectTimeout(Duration.ofSeconds(5))
                .refresh(Duration.ofMinutes(1), RefreshBy.NOBODY);
    }

    private static final class Timescale {
        static final TimescaleServer SERVER = TimescaleServer.start(newFolder("timescale"));
    }

    private static final class Postgres {
        static final PostgresServer SERVER = PostgresServer.start(newFolder("postgres"));
    }
}
