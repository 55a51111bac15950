package io.tsdash.source;

/**
 * Messages of a source that were missed.
 *
 * @param stream what they belong to: a symbol, or the venue's own name of a stream
 * @param afterSequence the last sequence before the gap; -1 when the source has none
 * @param nextSequence the first sequence after the gap; -1 when the source has none
 * @param receiveTimeNanos when it was noticed, nanoseconds since the epoch
 * @param reason how it came about, in words for people
 */
public record Gap(String stream, long afterSequence, long nextSequence, long receiveTimeNanos, String reason) {

    /** Returns how many messages are missing, or -1 when the source has no sequence to tell. */
    public long missing() {
        return afterSequence < 0 || nextSequence < 0 ? -1 : nextSequence - afterSequence - 1;
    }
}
