package io.tsdash.pipeline;

/**
 * What a pipeline has done so far; with several stores, what was done for each is added up.
 *
 * @param trades trades, corrections and cancels from the feed
 * @param quotes quotes from the feed
 * @param published events that the bus took
 * @param notPublished events that the bus refused
 * @param refused inputs that could not be understood
 * @param gaps gaps that the feed reported
 * @param stored trades that the store acknowledged, duplicates among them
 * @param storeDuplicates trades that the store had already
 * @param notStored trades that are in no store and on no disk
 * @param spilled trades that went to disk because a store was away
 * @param onDisk trades that wait on disk now
 * @param setAside trades that a store refuses for good
 * @param late trades taken in although out of order
 * @param tooLate trades beyond the lateness bound
 * @param tooFarAhead trades with an event time too far ahead
 * @param duplicates trades that the aggregation had already
 * @param corrected corrections taken in
 * @param cancelled cancels taken in
 * @param barsClosed bars sent as closed
 * @param barsRevised bars sent as revised
 * @param barsWaiting bars that wait for the store
 */
public record PipelineCounts(
        long trades,
        long quotes,
        long published,
        long notPublished,
        long refused,
        long gaps,
        long stored,
        long storeDuplicates,
        long notStored,
        long spilled,
        long onDisk,
        long setAside,
        long late,
        long tooLate,
        long tooFarAhead,
        long duplicates,
        long corrected,
        long cancelled,
        long barsClosed,
        long barsRevised,
        long barsWaiting) {
    /** Nothing was done. */
    public static final PipelineCounts NONE =
            new PipelineCounts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** Returns the counts of one who went on where another had ended: sums, and what waits with this one. */
    public PipelineCounts after(PipelineCounts earlier) {
        return new PipelineCounts(
                trades + earlier.trades,
                quotes + earlier.quotes,
                published + earlier.published,
                notPublished + earlier.notPublished,
                refused + earlier.refused,
                gaps + earlier.gaps,
                stored + earlier.stored,
                storeDuplicates + earlier.storeDuplicates,
                notStored + earlier.notStored,
                spilled + earlier.spilled,
                onDisk,
                setAside + earlier.setAside,
                late + earlier.late,
                tooLate + earlier.tooLate,
                tooFarAhead + earlier.tooFarAhead,
                duplicates + earlier.duplicates,
                corrected + earlier.corrected,
                cancelled + earlier.cancelled,
                barsClosed + earlier.barsClosed,
                barsRevised + earlier.barsRevised,
                barsWaiting);
    }
}
