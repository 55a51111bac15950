package io.tsdash.batch;

/**
 * What a writer has done so far, in items. What was accepted is conflated, stored, set aside, lost, queued, under way or on disk.
 *
 * @param accepted taken from callers, and from the disk at the start
 * @param conflated of the accepted, those that a newer one of their key replaced while they waited
 * @param stored acknowledged by the target, duplicates among them
 * @param duplicates those of the stored that the target had already
 * @param spilled that went to disk because the target was away
 * @param setAside that the target refuses for good
 * @param lost in no target and on no disk
 * @param queued waiting in memory now
 * @param onDisk waiting on disk now
 * @param retries writes that were tried again
 */
public record BatchCounts(
        long accepted,
        long conflated,
        long stored,
        long duplicates,
        long spilled,
        long setAside,
        long lost,
        long queued,
        long onDisk,
        long retries) {}
