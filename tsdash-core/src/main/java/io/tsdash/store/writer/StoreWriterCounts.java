package io.tsdash.store.writer;

/**
 * What a writer has done so far, in trades. What was accepted is stored, set aside, lost, queued or on disk.
 *
 * @param accepted taken from callers, and from the disk at the start
 * @param stored acknowledged by the store, duplicates among them
 * @param duplicates those of the stored that the store had already
 * @param spilled that went to disk because the store was away
 * @param setAside that the store refuses for good
 * @param lost in no store and on no disk
 * @param queued waiting in memory now
 * @param onDisk waiting on disk now
 * @param retries writes that were tried again
 */
public record StoreWriterCounts(
        long accepted,
        long stored,
        long duplicates,
        long spilled,
        long setAside,
        long lost,
        long queued,
        long onDisk,
        long retries) {
    /** Nothing was done. */
    public static final StoreWriterCounts NONE = new StoreWriterCounts(0, 0, 0, 0, 0, 0, 0, 0, 0);
}
