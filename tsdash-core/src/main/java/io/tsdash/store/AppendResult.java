package io.tsdash.store;

/**
 * What became of a batch; the three add up to its size.
 *
 * <p>Where a batch holds several versions of one identity, the highest is counted as what it did and the others as
 * duplicates, whatever their order.
 *
 * @param inserted identities that were not there
 * @param replaced identities that got a higher version
 * @param duplicates those that were there already, with this version or a higher one
 */
public record AppendResult(int inserted, int replaced, int duplicates) {}
