package io.tsdash.distribution;

/**
 * How a feed, store or other part is doing; a row of the channel {@code status}.
 *
 * @param name its name, and the row's key
 * @param state how it is connected
 * @param sinceNanos since when, nanoseconds since the epoch
 * @param reason why, for people; empty for none
 * @param lagMillis from event to us
 * @param gaps ranges of missing sequence numbers so far
 * @param late trades so far that came behind a newer one of their symbol, in time or too late
 * @param duplicates events so far that were there already
 * @param refused events so far that broke a rule
 * @param stale whether what it delivers is stale: the prices of its symbols are marked so
 */
public record PartStatus(
        String name,
        PartState state,
        long sinceNanos,
        String reason,
        long lagMillis,
        long gaps,
        long late,
        long duplicates,
        long refused,
        boolean stale) {

    /** Returns the status of a part without counts. */
    public static PartStatus of(String name, PartState state, long sinceNanos, String reason) {
        return new PartStatus(
                name,
                state,
                sinceNanos,
                reason,
                0,
                0,
                0,
                0,
                0,
                state == PartState.DOWN || state == PartState.CONNECTING);
    }
}
