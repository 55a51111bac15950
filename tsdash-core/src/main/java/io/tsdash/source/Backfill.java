package io.tsdash.source;

/**
 * What became of a gap whose messages were asked for again.
 *
 * @param gap the gap, as it was told
 * @param delivered how many of its trades came late
 * @param missing how many stay missing; 0 when the gap is closed, -1 when that cannot be known
 * @param reason why those that are missing cannot be had; empty when none is
 */
public record Backfill(Gap gap, long delivered, long missing, String reason) {

    /** Returns whether all that was missing has come. */
    public boolean whole() {
        return missing == 0;
    }
}
