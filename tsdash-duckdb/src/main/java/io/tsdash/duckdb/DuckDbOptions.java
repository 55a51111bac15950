package io.tsdash.duckdb;

import io.tsdash.error.ConfigurationException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a store lies and what it may use.
 *
 * @param file the database file; made, with its folder, when it is not there. DuckDB puts a write-ahead log beside it
 * @param threads threads of one query
 * @param memoryMegabytesMax what DuckDB may use before it spills to disk
 * @param queryTimeout after which a query is stopped
 */
public record DuckDbOptions(Path file, int threads, int memoryMegabytesMax, Duration queryTimeout) {
    private static final int THREADS_MAX = 256;
    private static final int MEMORY_MEGABYTES_MIN = 64;

    /** @throws ConfigurationException with everything that is wrong */
    public DuckDbOptions {
        List<String> problems = new ArrayList<>();
        if (threads < 1 || threads > THREADS_MAX) {
            problems.add("threads was '" + threads + "' but it must be from 1 to " + THREADS_MAX);
        }
        if (memoryMegabytesMax < MEMORY_MEGABYTES_MIN) {
            problems.add("memoryMegabytesMax was '" + memoryMegabytesMax + "' but it must be at least "
                    + MEMORY_MEGABYTES_MIN);
        }
        if (queryTimeout.compareTo(Duration.ofSeconds(1)) < 0) {
            problems.add("queryTimeout was '" + queryTimeout + "' but it must be at least 1 s");
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }

    /** Returns two threads, 1 GB and 30 s, which suit a server that does other things too. */
    public static DuckDbOptions at(Path file) {
        return new DuckDbOptions(file, 2, 1_024, Duration.ofSeconds(30));
    }
}
