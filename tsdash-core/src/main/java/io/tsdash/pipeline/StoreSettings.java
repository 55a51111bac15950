package io.tsdash.pipeline;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How trades are brought to the stores.
 *
 * @param retry how long a write that fails in passing is tried again before its trades go to disk, or count as lost
 * @param lanes how many batches may be under way at once, for each store
 * @param spill the folder that takes trades while a store is away, a folder for each store in it; empty for none
 * @param spillBytesMax how much may wait there, for each store
 */
public record StoreSettings(Duration retry, int lanes, Optional<Path> spill, long spillBytesMax) {
    private static final long SPILL_BYTES_MAX = 4L << 30;

    /** Returns settings with one lane and no disk. */
    public static StoreSettings retryFor(Duration retry) {
        return new StoreSettings(retry, 1, Optional.empty(), SPILL_BYTES_MAX);
    }

    /** Returns the same with a folder for what waits, up to 4 GiB for each store. */
    public StoreSettings spillTo(Path folder) {
        return new StoreSettings(retry, lanes, Optional.of(folder), spillBytesMax);
    }

    /** Returns the same with so many batches under way at once. */
    public StoreSettings onLanes(int count) {
        return new StoreSettings(retry, count, spill, spillBytesMax);
    }
}
