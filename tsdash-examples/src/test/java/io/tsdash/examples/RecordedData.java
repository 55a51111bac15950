package io.tsdash.examples;

import java.nio.file.Files;
import java.nio.file.Path;

/** The folder of recorded market data. */
public final class RecordedData {
    private RecordedData() {}

    /** Returns a file of it; fails with what to do when it is not there. */
    public static Path file(String name) {
        Path file = Path.of(System.getProperty("tsdash.data", "../shared/data")).resolve(name);
        if (!Files.exists(file)) {
            throw new AssertionError(
                    "no recorded data at " + file + ": set TSDASH_DATA_DIR for ./verify, or -Dtsdash.data");
        }
        return file;
    }
}
